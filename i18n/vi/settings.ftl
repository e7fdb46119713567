# Cài đặt.

settings-title = Cài đặt
settings-language = Ngôn ngữ
settings-theme = Màu sắc
settings-theme-system = Theo máy
settings-theme-light = Sáng
settings-theme-dark = Tối
settings-scale = Cỡ chữ
settings-density = Danh sách thư
settings-comfortable = Thoáng
settings-compact = Gọn
settings-signature = Chữ ký
settings-signature-hint = Được đặt ở cuối mỗi thư mới.
settings-accounts = Hộp thư
settings-add-account = Thêm hộp thư
settings-remove = Gỡ khỏi máy này
settings-remove-confirm = Gỡ hộp thư
settings-remove-hint = Thư trên máy chủ vẫn còn nguyên; chỉ bản lưu và mật khẩu trên máy này bị xóa.
