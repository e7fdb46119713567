# Giữ gìn dữ liệu: kiểm tra, sửa chữa, xuất, nhập, sao lưu.

health-missing = { $file }: chưa có
health-counts = { $messages } thư ({ $bodies } thư có nội dung trên máy), { $drafts } thư nháp, { $outbox } thư chờ gửi
health-sound = Dữ liệu nguyên vẹn.
health-damaged = Dữ liệu có chỗ hỏng. Chạy lệnh thucongvu repair để sửa; thư trên máy chủ không bị ảnh hưởng.
health-key = Không mở được tệp bằng khóa lưu trên máy này
health-pages = { $count } trang của tệp bị hỏng
health-structure = { $count } lỗi cấu trúc
health-references = { $count } dòng trỏ tới dữ liệu không còn
health-version = Tệp do một phiên bản khác của chương trình ghi
health-index = Chỉ mục tìm kiếm sai lệch ở { $count } chỗ
health-bodies = { $count } thư không đọc lại được nội dung
health-sizes = { $count } thư có kích thước khác máy chủ báo
health-counters = { $count } thư mục đếm sai số thư
health-writing = { $count } thư nháp hoặc thư chờ gửi không đầy đủ
health-bytes = Thiếu { $count } tệp đính kèm hoặc nội dung chờ chuyển lên máy chủ
health-leftovers = { $count } nội dung không còn dùng, sẽ được dọn

repair-cache-replaced = Đã cất riêng tệp lưu thư bị hỏng ({ $path }) và tạo tệp mới; thư sẽ được tải lại từ máy chủ.
repair-own-replaced = Đã cất riêng tệp thư nháp và thư chờ gửi bị hỏng ({ $path }); cứu được { $count } thư nháp và thư chờ gửi.
repair-stray-rows-removed = Đã bỏ { $count } dòng trỏ tới dữ liệu không còn.
repair-bodies-dropped = Đã bỏ nội dung hỏng của { $count } thư để tải lại từ máy chủ.
repair-index-rebuilt = Đã lập lại chỉ mục tìm kiếm cho { $count } thư.
repair-counters-corrected = Đã đếm lại thư của { $count } thư mục.
repair-bytes-restored = Đã khôi phục { $count } nội dung chờ chuyển lên máy chủ.
repair-attachments-lost = { $count } tệp đính kèm của thư nháp đã mất; đề nghị đính kèm lại trước khi gửi.
repair-outbox-held = { $count } thư chờ gửi không đầy đủ được giữ lại để hỏi ý kiến.
repair-fetched = Đã nhận lại thư từ máy chủ.
repair-not-fetched = Chưa nhận lại được thư từ máy chủ; chương trình sẽ nhận ở lần chạy tới.

job-progress = Đã xong { $done }/{ $total }
export-folder = { $folder }: { $count } thư
export-done = Đã xuất { $count } thư ({ $size }) vào { $path }
export-missing = Không xuất được { $count } thư vì chưa tải được nội dung về máy:

import-folder = { $folder }: nhập { $count } thư, { $duplicates } thư đã có
import-done = Đã nhập { $count } thư; bỏ qua { $duplicates } thư đã có và { $removed } thư đã xóa; { $unreadable } tệp hoặc thư không đọc được

backup-ask = Cụm mật khẩu của bản sao lưu:{" "}
backup-no-terminal = Chưa có cụm mật khẩu: dùng --passphrase-file TỆP hoặc biến THUCONGVU_BACKUP_PASSPHRASE_FILE.
backup-made = Đã sao lưu và kiểm tra lại { $path } ({ $size }): { $drafts } thư nháp, { $outbox } thư chờ gửi, { $bodies } thư có nội dung.
backup-restored = Đã khôi phục từ { $path }: { $drafts } thư nháp, { $outbox } thư chờ gửi, { $bodies } thư có nội dung. Đề nghị nhập lại mật khẩu các hộp thư.
