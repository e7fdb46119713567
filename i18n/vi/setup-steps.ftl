# Các bước thiết lập hộp thư, theo thứ tự.

setup-step-address = Kiểm tra địa chỉ
setup-step-profile = Tìm máy chủ trong cấu hình của cơ quan
setup-step-autoconfig = Hỏi cấu hình tự động của tên miền
setup-step-dns-records = Tra bản ghi tên miền
setup-step-guess = Thử các tên máy chủ thường dùng
setup-step-imap-connect = Kết nối bảo mật với máy chủ nhận thư
setup-step-imap-sign-in = Đăng nhập máy chủ nhận thư
setup-step-smtp-connect = Kết nối bảo mật với máy chủ gửi thư
setup-step-smtp-sign-in = Đăng nhập máy chủ gửi thư
setup-step-store = Lưu mật khẩu vào kho mật khẩu

setup-outcome-running = đang làm
setup-outcome-done = xong
setup-outcome-failed = không thành công
