# Ngày giờ theo cách nói thường ngày. Ngày tháng đầy đủ viết theo Nghị định 30/2020/NĐ-CP.

date-today = Hôm nay
date-yesterday = Hôm qua
date-short = { $day }/{ $month }
date-with-year = { $day }/{ $month }/{ $year }
date-time = { $time } { $date }
date-full = { $weekday }, { $day } { $month } năm { $year }
date-long = { $time }, { $day }
date-long-today = { $time } hôm nay
date-long-yesterday = { $time } hôm qua

date-group-later = Sắp tới
date-group-this-week = Tuần này
date-group-last-week = Tuần trước
date-group-this-month = Tháng này
date-group-month = { $month } năm { $year }

weekday-monday = Thứ Hai
weekday-tuesday = Thứ Ba
weekday-wednesday = Thứ Tư
weekday-thursday = Thứ Năm
weekday-friday = Thứ Sáu
weekday-saturday = Thứ Bảy
weekday-sunday = Chủ nhật

month-1 = tháng 01
month-2 = tháng 02
month-3 = tháng 3
month-4 = tháng 4
month-5 = tháng 5
month-6 = tháng 6
month-7 = tháng 7
month-8 = tháng 8
month-9 = tháng 9
month-10 = tháng 10
month-11 = tháng 11
month-12 = tháng 12

month-heading-1 = Tháng 1
month-heading-2 = Tháng 2
month-heading-3 = Tháng 3
month-heading-4 = Tháng 4
month-heading-5 = Tháng 5
month-heading-6 = Tháng 6
month-heading-7 = Tháng 7
month-heading-8 = Tháng 8
month-heading-9 = Tháng 9
month-heading-10 = Tháng 10
month-heading-11 = Tháng 11
month-heading-12 = Tháng 12

month-short-1 = 01
month-short-2 = 02
month-short-3 = 03
month-short-4 = 04
month-short-5 = 05
month-short-6 = 06
month-short-7 = 07
month-short-8 = 08
month-short-9 = 09
month-short-10 = 10
month-short-11 = 11
month-short-12 = 12
