# Dates and times as people say them.

date-today = Today
date-yesterday = Yesterday
date-short = { $day } { $month }
date-with-year = { $day } { $month } { $year }
date-time = { $time } { $date }
date-full = { $weekday }, { $day } { $month } { $year }
date-long = { $time }, { $day }
date-long-today = { $time } today
date-long-yesterday = { $time } yesterday

date-group-later = Later
date-group-this-week = This week
date-group-last-week = Last week
date-group-this-month = This month
date-group-month = { $month } { $year }

weekday-monday = Monday
weekday-tuesday = Tuesday
weekday-wednesday = Wednesday
weekday-thursday = Thursday
weekday-friday = Friday
weekday-saturday = Saturday
weekday-sunday = Sunday

month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December

month-heading-1 = January
month-heading-2 = February
month-heading-3 = March
month-heading-4 = April
month-heading-5 = May
month-heading-6 = June
month-heading-7 = July
month-heading-8 = August
month-heading-9 = September
month-heading-10 = October
month-heading-11 = November
month-heading-12 = December

month-short-1 = Jan
month-short-2 = Feb
month-short-3 = Mar
month-short-4 = Apr
month-short-5 = May
month-short-6 = Jun
month-short-7 = Jul
month-short-8 = Aug
month-short-9 = Sep
month-short-10 = Oct
month-short-11 = Nov
month-short-12 = Dec
