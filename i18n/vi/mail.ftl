# Màn hình chính: thư mục, danh sách, thư đang đọc.

folder-inbox = Thư đến
folder-drafts = Thư nháp
folder-sent = Thư đã gửi
folder-archive = Lưu trữ
folder-junk = Thư rác
folder-trash = Thùng rác
folder-outbox = Thư chờ gửi
sidebar-folders = Thư mục
nav-folders = Thư mục
nav-back = Về danh sách

action-compose = Soạn thư
action-reply = Trả lời
action-reply-all = Trả lời tất cả
action-forward = Chuyển tiếp
action-continue = Soạn tiếp
action-flag = Gắn cờ
action-unflag = Bỏ cờ
action-archive = Lưu trữ
action-delete = Xóa
action-move = Chuyển vào thư mục
action-more = Thao tác khác
action-mark-read = Đánh dấu đã đọc
action-mark-unread = Đánh dấu chưa đọc
action-junk = Báo thư rác
action-refresh = Nhận thư ngay
action-settings = Cài đặt

search-hint = Tìm thư, người, số văn bản…
search-in-folder = trong { $folder }
list-unread-count = { $count } chưa đọc
list-show-unread = Chỉ xem thư chưa đọc
list-show-all = Xem tất cả
list-density = Dòng thoáng hoặc gọn
list-loading = Đang mở thư mục…
list-searching = Đang tìm…
list-search-title = Kết quả tìm kiếm
list-search-close = Đóng tìm kiếm
list-found = { $count } thư
list-nothing-found = Không tìm thấy thư nào
list-nothing-found-hint = Nên thử từ ngắn hơn; gõ có dấu hay không dấu đều được.
list-all-read = Không còn thư chưa đọc
list-all-read-hint = Thư trong thư mục này đã được đọc hết.
list-inbox-empty = Chưa có thư đến
list-inbox-empty-hint = Thư mới sẽ tự hiện ở đây.
list-folder-empty = Thư mục trống
list-drafts-here = Đang soạn trên máy này
draft-no-recipient = (chưa có nơi nhận)
group-older = Cũ hơn

no-subject = (không có trích yếu)
no-sender = (không rõ người gửi)

mark-answered = Đã trả lời
mark-forwarded = Đã chuyển tiếp
mark-invitation = Có giấy mời
mark-attachment = Có tệp đính kèm
mark-flagged = Đã gắn cờ

reader-nothing = Chọn một thư để đọc
reader-nothing-hint = Phím ↑ ↓ để chuyển giữa các thư, F1 để xem các phím tắt.
reader-many = Đã chọn { $count } thư
reader-many-hint = Các nút phía trên áp dụng cho tất cả thư đã chọn.
reader-loading = Đang lấy nội dung thư…
reader-to = Nơi nhận: { $people }
me = tôi
reader-details = Chi tiết
reader-details-hide = Thu gọn
reader-reply-to = Trả lời về
reader-show-quote = ··· Hiện phần trích dẫn
reader-hide-quote = Thu phần trích dẫn
reader-show-more = Hiện tiếp phần còn lại
reader-images-blocked = Ảnh từ mạng không được tải, để người gửi không biết thư đã được mở.
reader-attachment-held = Thư có tệp có thể gây hại cho máy. Tệp này không mở được từ đây; chỉ lưu khi đã hỏi lại người gửi.

relation-same-agency = Cùng cơ quan
relation-official = Địa chỉ công vụ
relation-free = Hộp thư miễn phí
relation-free-short = hộp thư miễn phí
relation-disposable = Hộp thư dùng một lần
relation-look-alike = Tên miền giả danh công vụ
relation-other = Ngoài hệ thống công vụ

attachment-save = Lưu vào Tải xuống
attachment-save-as = Lưu vào…
attachment-on-server = chưa tải về
attachment-save-all = Lưu tất cả
attachment-show-folder = Mở thư mục
held-executable = Tệp chạy được – không mở
held-script = Tệp lệnh – không mở
held-macro = Văn bản có macro – không mở
held-disk-image = Ảnh đĩa – không mở
held-disguised-name = Tên tệp ngụy trang – không mở

type-pdf = PDF
type-text = Văn bản
type-sheet = Bảng tính
type-slides = Trình chiếu
type-image = Ảnh
type-archive = Tệp nén
type-calendar = Lịch
type-mail = Thư
type-plain = Văn bản thuần
type-other = Tệp

expunge-question = Xóa hẳn { $count } thư? Thư đã xóa hẳn không lấy lại được.
expunge-confirm = Xóa hẳn

outbox-empty = Không có thư chờ gửi
outbox-empty-hint = Mọi thư đã được gửi.
outbox-held = Chờ đến giờ gửi
outbox-queued = Chờ gửi; thư sẽ được gửi khi có mạng.
outbox-sending = Đang gửi…
outbox-refused = Máy chủ không nhận thư này. Thư vẫn còn đây; có thể sửa hoặc gửi lại.
outbox-doubtful = Mất kết nối đúng lúc gửi: thư có thể đã được gửi. Đề nghị hỏi nơi nhận hoặc xem mục Thư đã gửi trước khi gửi lại.
outbox-retry = Gửi lại
outbox-edit = Sửa thư
outbox-waits = Chờ gửi lại: { $reason }
outbox-partly = Đã gửi, nhưng máy chủ không nhận cho: { $addresses }
outbox-dismiss = Đã biết
outbox-detail = Thông tin kỹ thuật

quote-attribution = Vào { $date }, { $author } đã viết:
quote-forwarded = ---------- Thư được chuyển tiếp ----------
quote-from = Từ
quote-date = Ngày
quote-subject = Trích yếu
quote-to = Nơi nhận
quote-cc = Đồng gửi
