# Dòng lệnh: câu trả lời cho người đọc.

cli-detail = Thông tin kỹ thuật: { $detail }

cli-no-account = Chưa có hộp thư nào. Thêm hộp thư bằng lệnh: thucongvu account add --address ĐỊA_CHỈ --password-stdin
cli-unknown-account = Không có hộp thư { $address } trên máy này; xem danh sách bằng lệnh: thucongvu account list
cli-account-added = Đã thêm hộp thư: { $account }
cli-account-removed = Đã gỡ hộp thư { $address } khỏi máy này; thư trên máy chủ vẫn còn.
cli-password-ask = Mật khẩu của { $address }:{" "}
cli-password-empty = Đầu vào chuẩn không có mật khẩu.
cli-password-missing = Chưa có mật khẩu: dùng --password-stdin và đưa mật khẩu qua đầu vào chuẩn.

cli-vault-ask = Cụm mật khẩu của kho mật khẩu:{" "}
cli-vault-new = Máy này không có kho mật khẩu của hệ điều hành. Đặt cụm mật khẩu cho kho mật khẩu riêng của chương trình:{" "}
cli-vault-again = Nhập lại cụm mật khẩu:{" "}
cli-vault-differs = Hai lần nhập chưa giống nhau.
cli-vault-no-terminal = Chưa có cụm mật khẩu: dùng --vault-passphrase-file TỆP hoặc biến THUCONGVU_VAULT_PASSPHRASE_FILE.

cli-no-folders-yet = Chưa có thư mục nào trên máy; chạy lệnh thucongvu sync trước.
cli-unknown-folder = Không có thư mục “{ $folder }”; xem danh sách bằng lệnh: thucongvu folders
cli-ambiguous-folder = “{ $folder }” trùng với nhiều thư mục: { $folders }. Đề nghị viết tên đầy đủ hoặc thêm --account.
cli-folder-counts = { $total } thư, { $unread } chưa đọc
cli-folder-names-inbox = thư đến; hộp thư đến; hộp thư
cli-folder-names-drafts = thư nháp; nháp; bản nháp
cli-folder-names-sent = thư đã gửi; đã gửi; thư đi
cli-folder-names-archive = lưu trữ; thư lưu trữ; kho lưu trữ
cli-folder-names-junk = thư rác; rác; spam
cli-folder-names-trash = thùng rác; thư đã xóa; đã xóa

cli-list-count = { $shown } trên { $total } thư
cli-search-count = Tìm thấy { $total } thư
cli-from = Từ: { $value }
cli-to = Nơi nhận: { $value }
cli-cc = Đồng gửi: { $value }
cli-date = Ngày gửi: { $value }
cli-subject = Trích yếu: { $value }
cli-attachment = [tệp đính kèm] { $name } ({ $size })
cli-attachment-held = [tệp đính kèm nguy hiểm, không mở] { $name } ({ $size })

cli-sync-account = { $address }: xong sau { $seconds } giây (nhận { $received }, gửi { $sent }, { $trips } lượt hỏi đáp)
cli-sync-folder =   { $folder }: { $new } thư mới, { $vanished } thư không còn, { $flags } thư thay đổi đánh dấu, tải { $bodies } nội dung
cli-sync-full = hộp thư đã dùng { $percent }% dung lượng: cần dọn bớt thư
cli-sync-pending = Còn { $count } thay đổi chờ chuyển lên máy chủ.
cli-watching = Đang theo dõi thư mới; nhấn Ctrl+C để dừng.
cli-mail-arrived = Có { $count } thư mới.

cli-changed = Đã thay đổi đánh dấu của { $count } thư; máy chủ nhận thay đổi ở lần cập nhật tới.
cli-moved = Đã chuyển { $count } thư; máy chủ nhận thay đổi ở lần cập nhật tới.
cli-deleted = Đã chuyển { $count } thư vào Thùng rác; máy chủ nhận thay đổi ở lần cập nhật tới.
cli-expunged = Đã xóa hẳn { $count } thư; máy chủ nhận thay đổi ở lần cập nhật tới.
cli-folder-created = Đã tạo thư mục “{ $folder }”; máy chủ nhận thay đổi ở lần cập nhật tới.
cli-folder-renamed = Đã đổi tên thành “{ $folder }”; máy chủ nhận thay đổi ở lần cập nhật tới.
cli-folder-deleted = Đã xóa thư mục “{ $folder }”, chuyển { $count } thư vào Thùng rác; máy chủ nhận thay đổi ở lần cập nhật tới.
cli-folder-emptied = Đã dọn sạch “{ $folder }”: { $count } thư; máy chủ nhận thay đổi ở lần cập nhật tới.
cli-which-account = Có nhiều hộp thư. Đề nghị ghi rõ bằng --account.
cli-flag-usage = Cần ít nhất một số thư và một đánh dấu, ví dụ: thucongvu flag 12 +seen -flagged
cli-unknown-flag = Không có đánh dấu “{ $flag }”; dùng một trong: { $flags }

cli-bad-time = Thời điểm “{ $time }” chưa đúng; viết 14:30, 2026-08-25 14:30 hoặc theo RFC 3339.
cli-unknown-rule = Không có quy tắc “{ $rule }”; các quy tắc: { $rules }
cli-check-clean = Không có điểm nào trái quy định.
cli-rendered = Đã vẽ thư thành hình { $width } × { $height } điểm ảnh.
cli-outbox-empty = Không có thư nào chờ gửi.
cli-outbox-held = chờ đến giờ gửi
cli-outbox-queued = đang chờ gửi
cli-outbox-sending = đang gửi
cli-outbox-sent = đã gửi
cli-outbox-refused = máy chủ không nhận
cli-outbox-doubtful = chưa rõ đã gửi hay chưa
cli-outbox-cancelled = đã rút lại

cli-doctor-sound = Mọi mục kiểm tra đều tốt.
cli-doctor-trouble = Các dòng có dấu ! cần được xem lại.

cli-notice-cache-set-aside = Tệp lưu thư bị hỏng, đã cất riêng tại { $path }; thư sẽ được tải lại từ máy chủ.
cli-notice-own-data-salvaged = Tệp thư nháp và thư chờ gửi bị hỏng, đã cất riêng tại { $path }; cứu được { $drafts } thư nháp và { $outbox } thư chờ gửi.
