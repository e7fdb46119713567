# Quy tắc gửi thư: câu chính nói điều gì đang vướng, .title là tên ngắn, .advice là cách làm đúng.

policy-from-free-provider = Thư sắp được gửi từ { $evidence }, là hộp thư của nhà cung cấp miễn phí. Việc công dùng hộp thư công vụ.
    .title = Gửi từ hộp thư miễn phí
    .advice = Đề nghị chọn hộp thư công vụ ở mục “Từ” rồi gửi lại.
policy-to-free-provider = { $evidence } là hộp thư của nhà cung cấp miễn phí, ngoài hệ thống thư điện tử công vụ.
    .title = Gửi tới hộp thư miễn phí
    .advice = Nếu người nhận là cán bộ, công chức, đề nghị dùng địa chỉ công vụ; nếu là công dân, doanh nghiệp, đề nghị xác nhận trước khi gửi.
policy-to-disposable = { $evidence } là địa chỉ dùng một lần: thư gửi đến có thể không ai đọc và người lạ có thể xem được.
    .title = Địa chỉ dùng một lần
    .advice = Đề nghị hỏi người nhận địa chỉ khác.
policy-mistyped-domain = { $evidence } có thể bị gõ nhầm tên miền, khi đó thư không đến hoặc đến nhầm người.
    .title = Có thể gõ nhầm địa chỉ
    .advice = Đề nghị kiểm tra lại phần sau dấu @.
policy-look-alike-domain = { $evidence } có tên miền bắt chước cơ quan nhà nước nhưng không phải của cơ quan nhà nước.
    .title = Địa chỉ giả cơ quan nhà nước
    .advice = Đề nghị không gửi tài liệu; liên hệ lại với cơ quan đó qua số điện thoại đã biết.
policy-former-domain = { $evidence } thuộc tên miền cũ; cơ quan này đã chuyển sang tên miền mới.
    .title = Tên miền cũ
    .advice = Đề nghị dùng địa chỉ mới và cập nhật danh bạ.
policy-invalid-address = { $evidence } không phải là địa chỉ thư nên không gửi được.
    .title = Địa chỉ chưa đúng
    .advice = Đề nghị sửa lại; ví dụ viết đúng: nva@donvi.gov.vn.
policy-forgotten-attachment = Thư nói đến tệp đính kèm nhưng chưa có tệp nào được đính kèm.
    .title = Chưa đính kèm tệp
    .advice = Đề nghị đính kèm tệp, hoặc xác nhận nếu không cần.
policy-executable-attachment = Tệp { $evidence } là tệp chạy được; quy định không cho gửi loại tệp này qua thư điện tử công vụ.
    .title = Đính kèm tệp chạy được
    .advice = Đề nghị gỡ tệp khỏi thư; nếu cần chuyển phần mềm, liên hệ bộ phận công nghệ thông tin.
policy-too-large = Thư lớn hơn dung lượng máy chủ của cơ quan chấp nhận; phần lớn nhất là “{ $evidence }”.
    .title = Thư quá lớn
    .advice = Đề nghị bớt tệp đính kèm hoặc chia thành nhiều thư.

remedy-use-official-account = Gửi từ hộp thư công vụ
remedy-use-address = Dùng địa chỉ công vụ { $address }
remedy-correct-address = Sửa thành { $address }
remedy-attach-file = Đính kèm tệp
remedy-remove-attachment = Gỡ tệp { $name }

severity-note = Lưu ý
severity-confirm = Cần xác nhận
severity-reason = Cần nêu lý do
severity-block = Không được gửi

policy-source = Căn cứ: { $source }
