# Thư báo không gửi được và giấy báo đã xem, nói bằng lời.

report-failed = Thư gửi tới { $address } không đến được: { $reason }.
report-delayed = Thư gửi tới { $address } chưa đến được: { $reason }. Máy chủ vẫn tiếp tục gửi.
report-delivered = Thư đã đến hộp thư { $address }.
report-relayed = Thư gửi tới { $address } đã chuyển cho máy chủ khác; máy chủ đó không báo lại.
report-expanded = Thư gửi tới { $address } đã được chia tới nhiều người nhận.

reason-mailbox-full = hộp thư đã đầy
    .advice = Báo người nhận dọn hộp thư, rồi gửi lại.
reason-no-such-mailbox = không có hộp thư này
    .advice = Kiểm tra lại từng chữ của địa chỉ.
reason-no-such-domain = không có tên miền này hoặc tên miền không nhận thư
    .advice = Kiểm tra phần sau dấu @ của địa chỉ.
reason-mailbox-disabled = hộp thư đã bị khóa hoặc ngừng dùng
    .advice = Hỏi người nhận địa chỉ đang dùng.
reason-too-large = thư quá lớn
    .advice = Chia nhỏ hoặc nén tệp đính kèm, rồi gửi lại.
reason-content-refused = nơi nhận từ chối nội dung hoặc tệp đính kèm
    .advice = Đổi định dạng tệp đính kèm, rồi gửi lại.
reason-sender-refused = nơi nhận không chấp nhận thư từ máy chủ này
    .advice = Chuyển thư báo này cho bộ phận công nghệ thông tin.
reason-unreachable = không kết nối được máy chủ nơi nhận
    .advice = Nếu việc gấp, liên hệ người nhận bằng cách khác.
reason-expired = đã thử nhiều ngày mà không được
    .advice = Liên hệ người nhận bằng cách khác.
reason-loop = thư bị chuyển vòng quanh
    .advice = Chuyển thư báo này cho bộ phận công nghệ thông tin.
reason-unknown = máy chủ không nói rõ lý do
    .advice = Xem nguyên văn bên dưới.

report-original = Thư đã gửi: “{ $subject }”
report-open-original = Mở thư đã gửi
report-resend = Sửa địa chỉ và gửi lại
report-backscatter = Không thấy thư này trong số thư đã gửi. Nếu bạn không gửi, có người đã mạo địa chỉ của bạn; không cần làm gì.
report-server-words = Máy chủ viết: { $words }

receipt-displayed = Máy của { $address } báo đã mở thư.
receipt-deleted = Máy của { $address } báo đã xóa thư, có thể chưa đọc.
receipt-processed = Máy của { $address } báo đã xử lý thư mà không hiện cho người đọc.
receipt-denied = { $address } không muốn báo đã xem thư.
receipt-failed = Máy của { $address } không gửi được giấy báo đã xem.
receipt-wanted = Người gửi muốn được báo khi thư được mở. Chương trình không tự báo.
receipt-question = Người gửi muốn được báo khi thư được mở.
receipt-question-to = Người gửi muốn được báo khi thư được mở. Giấy báo sẽ gửi tới { $address }, không chắc là nơi thư được gửi đi.
receipt-send = Gửi giấy báo
receipt-decline = Không gửi
receipt-sent = Đã gửi giấy báo cho người gửi lúc { $time }.
receipt-subject = Đã xem: { $subject }
receipt-body = Thư “{ $subject }” gửi lúc { $sent } đã được mở lúc { $time }. Điều này không có nghĩa là nội dung đã được đọc hết hoặc đồng ý.
