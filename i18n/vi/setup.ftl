# Thiết lập hộp thư.

setup-title = Thêm hộp thư công vụ
setup-hint = Nhập địa chỉ và mật khẩu thư công vụ; chương trình tự tìm máy chủ.
setup-name = Họ và tên
setup-name-hint = Nguyễn Văn An
setup-address = Địa chỉ thư
setup-address-hint = ten@coquan.gov.vn
setup-password = Mật khẩu
setup-password-hint = Mật khẩu hộp thư
setup-advanced = Tự nhập máy chủ
setup-advanced-hide = Tự tìm máy chủ
setup-login = Tên đăng nhập
setup-login-hint = để trống: thử cả địa chỉ và phần trước @
setup-imap = Máy chủ nhận thư
setup-imap-hint = imaps://mail.coquan.gov.vn
setup-smtp = Máy chủ gửi thư
setup-smtp-hint = smtps://mail.coquan.gov.vn
setup-go = Thiết lập
setup-running = Đang kiểm tra…
setup-free-provider-refused = { $domain } là nhà cung cấp hộp thư miễn phí, không phải hệ thống thư điện tử công vụ, nên hộp thư này không được thêm. Việc công dùng hộp thư công vụ.
    .title = Không phải hộp thư công vụ
    .advice = Đề nghị nhập địa chỉ thư công vụ do cơ quan cấp; nếu chưa có, đề nghị liên hệ bộ phận công nghệ thông tin.
    .severity = Không được thêm
error-detail = Thông tin kỹ thuật
error-copy = Sao chép cho bộ phận hỗ trợ
