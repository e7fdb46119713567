# Cửa sổ soạn thư.

compose-title = Thư mới
compose-from = Từ
compose-to = Nơi nhận
compose-cc = Đồng gửi
compose-bcc = Gửi ẩn
compose-copies = Đồng gửi, gửi ẩn
compose-subject = Trích yếu
compose-subject-hint = Nội dung chính của thư
compose-body-hint = Kính gửi: …
compose-send = Gửi
compose-sending = Đang gửi…
compose-attach = Đính kèm
compose-detach = Bỏ tệp này
compose-discard = Bỏ thư nháp
compose-saved = Đã lưu nháp { $time }

review-title = Xem lại trước khi gửi
review-hint = Thư có điểm cần lưu ý. Có thể quay lại sửa, hoặc xác nhận rồi gửi.
review-blocked-title = Chưa gửi được thư này
review-blocked-hint = Cần sửa những điểm dưới đây trước khi gửi. Thư vẫn được giữ trong Thư nháp.
review-back = Quay lại sửa
review-send = Vẫn gửi
review-reason-hint = Lý do gửi
