# Giấy mời: việc gì, lúc nào, ở đâu, ai mời, và câu trả lời.

invitation-request = Giấy mời
invitation-changed = Giấy mời (đã thay đổi)
invitation-publish = Lịch để biết
invitation-reply = Trả lời giấy mời
invitation-cancel = Đã hủy
invitation-other = Thông tin về giấy mời
invitation-counter = Đề nghị đổi lịch họp
invitation-no-title = (không ghi việc gì)

invitation-when = Thời gian
invitation-where = Địa điểm
invitation-by = Người mời
invitation-who = Thành phần
invitation-repeats = Lặp lại
invitation-more = { $people } và { $count } người khác

invitation-span = { $from }–{ $to }, { $day }
invitation-from-to = từ { $from } đến { $to }
invitation-all-day = cả ngày { $day }
invitation-time-unknown = (không ghi thời gian)

invitation-accept = Nhận lời
invitation-tentative = Có thể
invitation-decline = Từ chối
invitation-save = Lưu tệp lịch
invitation-join = Vào họp trực tuyến
invitation-given-accept = Bạn đã nhận lời lúc { $time }.
invitation-given-tentative = Bạn đã trả lời có thể dự lúc { $time }.
invitation-given-decline = Bạn đã từ chối lúc { $time }.
invitation-answer-waits = Câu trả lời đang chờ gửi.
invitation-answer-stuck = Câu trả lời chưa gửi được; xem Hộp thư đi.
invitation-withdraw = Lấy lại
invitation-not-you = Địa chỉ của bạn không có trong danh sách được mời, nên không trả lời được từ đây.
invitation-replaced = Lời mời này đã được thay bằng lời mời mới hơn.
invitation-called-off = Cuộc này đã bị hủy.
invitation-open-newer = Mở thư đó
attendance-needs-action = chưa trả lời
attendance-accepted = dự
attendance-declined = không dự
attendance-tentative = có thể dự
attendance-delegated = cử người khác
invitation-says-accepted = { $person } sẽ dự.
invitation-says-declined = { $person } không dự.
invitation-says-tentative = { $person } có thể dự.
invitation-says-delegated = { $person } cử người khác dự.
invitation-says-needs-action = { $person } chưa trả lời.
invitation-subject-accept = Nhận lời dự: { $summary }
invitation-subject-tentative = Có thể dự: { $summary }
invitation-subject-decline = Không dự được: { $summary }
invitation-body-accept = Tôi xin nhận lời dự: { $summary } ({ $time }).
invitation-body-tentative = Tôi chưa chắc dự được: { $summary } ({ $time }).
invitation-body-decline = Tôi không dự được: { $summary } ({ $time }).

repeat-day = { $interval ->
    [1] hằng ngày
   *[other] { $interval } ngày một lần
}
repeat-week = { $interval ->
    [1] hằng tuần
   *[other] { $interval } tuần một lần
}
repeat-month = { $interval ->
    [1] hằng tháng
   *[other] { $interval } tháng một lần
}
repeat-year = { $interval ->
    [1] hằng năm
   *[other] { $interval } năm một lần
}
repeat-some = có lặp lại; xem tệp lịch
repeat-on = { $step } vào { $days }
repeat-nth = { $day } tuần thứ { $nth }
repeat-last = { $day } cuối
repeat-month-day = { $step } vào ngày { $day }
repeat-count = { $step }, { $count } lần
repeat-until = { $step }, đến { $date }
