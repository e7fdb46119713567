# Khung chung của chương trình.

app-name = Thư Công Vụ
opening = Đang mở hộp thư…
close = Đóng
cancel = Bỏ qua
retry = Thử lại
undo = Hoàn tác
practice-badge = Hộp thư luyện tập
status-practice = Luyện tập: không thư nào rời khỏi máy này

status-idle = Chưa kết nối
status-connecting = Đang kết nối…
status-paused = Đang tạm dừng
status-pause = Tạm dừng cập nhật
status-resume = Tiếp tục cập nhật
status-connected = Đã kết nối
status-syncing = Đang nhận thư…
status-syncing-progress = Đang nhận thư: { $done }/{ $all }
status-full = { $unit ->
    [messages] Hộp thư đã dùng { $percent }% của { $limit } thư
   *[size] Hộp thư đã dùng { $percent }% của { $limit }
    }
server-alert = Máy chủ thư thông báo: { $text }
status-updated = Cập nhật lúc { $time }
status-pending = { $count } thay đổi chờ chuyển lên máy chủ
status-outbox = { $count } thư chưa gửi được
status-mailbox-checked = Hộp thư: { $when }
status-checked = { $half } đã xem { $time }
status-due = { $half } chưa xem
status-missed = { $half } không xem
half-morning = sáng
half-afternoon = chiều

notify-check-title = Đã đến giờ kiểm tra hộp thư
notify-check-body = Buổi này hộp thư công vụ chưa được xem. Bấm vào đây để mở.
notify-mail-title = Có thư mới
notify-mail-body = { $count } thư mới trong hộp thư đến.

done-moved = Đã chuyển { $count } thư vào “{ $folder }”.
done-flagged = Đã thay đổi cờ của { $count } thư.
done-read = Đã đánh dấu { $count } thư là đã đọc.
done-unread = Đã đánh dấu { $count } thư là chưa đọc.
undo-emptied = Thư đã được xóa hẳn, không hoàn tác được.
undo-late = Máy chủ đã thực hiện thay đổi này, không hoàn tác được nữa.
done-emptied = Đã dọn sạch { $count } thư.
done-folder-created = Đã tạo thư mục “{ $folder }”.
done-folder-renamed = Đã đổi tên thư mục thành “{ $folder }”.
done-folder-deleted = { $count ->
    [0] Đã xóa thư mục.
   *[other] Đã xóa thư mục, chuyển { $count } thư vào Thùng rác.
}
done-deleted = Đã chuyển { $count } thư vào Thùng rác.
done-expunged = Đã xóa hẳn { $count } thư.
done-sending = Thư sẽ được gửi sau 10 giây.
done-discarded = Đã bỏ thư nháp.
done-saved = Đã lưu “{ $name }” vào thư mục Tải xuống.
error-cannot-open = Máy không có chương trình để mở nội dung này. Đề nghị lưu tệp rồi mở bằng chương trình khác.

notice-cache-set-aside = Bản lưu thư trên máy bị hỏng và đã được cất riêng; thư đang được tải lại từ máy chủ. Thư nháp và thư chờ gửi vẫn còn. Tệp cũ: { $path }
notice-own-data-salvaged = Tệp giữ thư nháp và thư chờ gửi bị hỏng. Đã cứu được { $drafts } thư nháp và { $outbox } thư chờ gửi. Tệp cũ: { $path }
notice-profile-refused = Cấu hình của cơ quan có lỗi nên chưa được dùng; chương trình chạy theo mặc định. Đề nghị báo bộ phận công nghệ thông tin: { $detail }

link-title = Mở liên kết này?
link-hint = Liên kết sẽ mở trong trình duyệt. Chỉ mở khi nhận ra địa chỉ; không nhập mật khẩu hộp thư ở trang được mở từ thư.
link-differs = Chữ ghi “{ $shown }” nhưng liên kết dẫn tới “{ $host }”. Đây là dấu hiệu thường gặp của thư lừa đảo.
link-open = Mở trong trình duyệt

unlock-title = Mở khóa hộp thư
unlock-hint = Máy này không có kho mật khẩu của hệ điều hành, nên mật khẩu hộp thư được giữ trong kho mật khẩu riêng của chương trình. Đề nghị nhập cụm mật khẩu của kho để tiếp tục.
unlock-open = Mở khóa
unlock-opening = Đang mở…
unlock-create-title = Đặt cụm mật khẩu
unlock-create-hint = Máy này không có kho mật khẩu của hệ điều hành. Chương trình sẽ giữ mật khẩu hộp thư và khóa mã hóa trong kho mật khẩu riêng, được bảo vệ bằng một cụm mật khẩu (ít nhất 8 ký tự). Mỗi lần mở chương trình, cụm này được hỏi một lần.
unlock-create = Tạo kho mật khẩu
unlock-passphrase = Cụm mật khẩu
unlock-too-short = Cụm mật khẩu cần ít nhất 8 ký tự.
unlock-differs = Hai lần nhập chưa giống nhau.
unlock-repeat = Nhập lại cụm mật khẩu

help-title = Phím tắt
help-close = Nhấn F1 hoặc Esc để đóng.
help-send = Gửi thư đang soạn
help-search = Tìm thư
help-move = Thư sau, thư trước
help-open = Mở, hoặc soạn tiếp thư nháp
help-undo = Hoàn tác
help-flag = Gắn hoặc bỏ cờ
help-read = Đánh dấu đã đọc hoặc chưa đọc
help-select-all = Chọn tất cả
help-folders = Đến thư mục thứ 1…9
help-zoom = Phóng to, thu nhỏ chữ
help-quit = Thoát
