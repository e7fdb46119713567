#!/usr/bin/env python3
"""Makes the attachments of the practice letters. All contents are made up.

Run by hand when a text changes: pip install reportlab openpyxl python-docx pillow;
python3 make.py. The results are committed, so that a build needs none of this.
"""
import datetime, io, pathlib, zipfile
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table
import docx, openpyxl
from openpyxl.styles import Font
from PIL import Image, ImageDraw

HERE = pathlib.Path(__file__).parent
DEJAVU = "/usr/share/fonts/truetype/dejavu/"
pdfmetrics.registerFont(TTFont("serif", DEJAVU + "DejaVuSerif.ttf"))
pdfmetrics.registerFont(TTFont("bold", DEJAVU + "DejaVuSerif-Bold.ttf"))
BODY = ParagraphStyle("body", fontName="serif", fontSize=11, leading=16, alignment=TA_JUSTIFY, spaceAfter=6, firstLineIndent=10 * mm)
MID = ParagraphStyle("mid", fontName="serif", fontSize=9.5, leading=14, alignment=TA_CENTER)
MIDB = ParagraphStyle("midb", parent=MID, fontName="bold")
NOTE = ParagraphStyle("note", parent=MID, textColor="#888888", fontSize=8)


def letter(name, above, agency, number, title, kinh_gui, paragraphs, signer):
    """An official document in the layout of Decree 30/2020 (simplified)."""
    left = [Paragraph(above, MID), Paragraph(agency, MIDB), Paragraph("Số: " + number, MID)]
    right = [Paragraph("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", MIDB), Paragraph("Độc lập - Tự do - Hạnh phúc", MIDB),
             Paragraph("An Thịnh, ngày &nbsp;&nbsp;&nbsp;&nbsp; tháng &nbsp;&nbsp;&nbsp;&nbsp; năm 20...", MID)]
    flow = [Table([[left, right]], colWidths=[75 * mm, 95 * mm]), Spacer(1, 8 * mm), Paragraph(title, MIDB), Spacer(1, 5 * mm)]
    if kinh_gui:
        flow += [Paragraph("Kính gửi: " + kinh_gui, MID), Spacer(1, 5 * mm)]
    flow += [Paragraph(p, BODY) for p in paragraphs]
    flow += [Spacer(1, 8 * mm), Table([["", [Paragraph(s, MIDB) for s in signer]]], colWidths=[85 * mm, 85 * mm]),
             Spacer(1, 10 * mm), Paragraph("Văn bản luyện tập: cơ quan và nội dung không có thật", NOTE)]
    doc = SimpleDocTemplate(str(HERE / name), pagesize=A4, title=title.replace("<br/>", " "), author=agency,
                            leftMargin=25 * mm, rightMargin=15 * mm, topMargin=20 * mm, bottomMargin=20 * mm, invariant=1)
    doc.build(flow)


def sheet(name, title, rows, widths):
    book = openpyxl.Workbook()
    page = book.active
    page.title = "Biểu mẫu"
    page["A1"] = title
    page["A1"].font = Font(bold=True, size=13)
    for row in rows:
        page.append(row)
    for cell in page[2]:
        cell.font = Font(bold=True)
    for column, width in zip("ABCDEFG", widths):
        page.column_dimensions[column].width = width
    book.properties.creator = "Luyện tập"
    book.properties.created = book.properties.modified = datetime.datetime(2026, 1, 5)
    book.save(HERE / name)


def document(name, title, paragraphs):
    doc = docx.Document()
    doc.styles["Normal"].font.name = "Times New Roman"
    doc.add_heading(title, 1)
    for kind, text in paragraphs:
        doc.add_heading(text, 2) if kind else doc.add_paragraph(text)
    doc.core_properties.author = "Luyện tập"
    doc.core_properties.created = doc.core_properties.modified = datetime.datetime(2026, 1, 5)
    doc.save(HERE / name)


letter("cong-van-snv.pdf", "UBND TỈNH AN THỊNH", "SỞ NỘI VỤ", "1284/SNV-CCHC",
       "V/v báo cáo kết quả sử dụng thư điện tử công vụ quý III", "Ủy ban nhân dân các xã, phường",
       ["Thực hiện Kế hoạch số 45/KH-UBND của Ủy ban nhân dân tỉnh về tăng cường sử dụng hệ thống thư điện tử công vụ trong hoạt động của các cơ quan nhà nước, Sở Nội vụ đề nghị quý cơ quan báo cáo kết quả sử dụng thư điện tử công vụ quý III theo mẫu gửi kèm.",
        "1. Số cán bộ, công chức đã được cấp hộp thư điện tử công vụ; số người thường xuyên sử dụng trong công việc.",
        "2. Tình hình công bố danh bạ thư điện tử công vụ trên Cổng thông tin điện tử của cơ quan.",
        "3. Khó khăn, vướng mắc và kiến nghị, đề xuất (nếu có).",
        "Báo cáo gửi về Sở Nội vụ qua hệ thống thư điện tử công vụ, đồng thời gửi bản có ký số trên Hệ thống quản lý văn bản và điều hành.",
        "Đề nghị quý cơ quan quan tâm, phối hợp thực hiện./."],
       ["KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC", "&nbsp;", "&nbsp;", "Phạm Thị Mẫu"])
letter("giay-moi-truc-tuyen.pdf", "ỦY BAN NHÂN DÂN", "TỈNH AN THỊNH", "215/GM-UBND",
       "GIẤY MỜI<br/>Dự hội nghị trực tuyến toàn tỉnh", "Chủ tịch Ủy ban nhân dân các xã, phường",
       ["Ủy ban nhân dân tỉnh trân trọng kính mời các đồng chí dự hội nghị trực tuyến toàn tỉnh đánh giá kết quả thực hiện cải cách hành chính.",
        "Thành phần tại điểm cầu cấp xã: Chủ tịch, Phó Chủ tịch Ủy ban nhân dân; công chức phụ trách cải cách hành chính, chuyển đổi số.",
        "Đề nghị các đồng chí dự họp đầy đủ, đúng thành phần./."],
       ["TL. CHỦ TỊCH", "CHÁNH VĂN PHÒNG", "&nbsp;", "&nbsp;", "Hoàng Văn Thí Dụ"])
letter("cong-dien-mua-bao.pdf", "ỦY BAN NHÂN DÂN", "TỈNH AN THỊNH", "09/CĐ-UBND",
       "CÔNG ĐIỆN<br/>Về việc chủ động ứng phó với mưa lớn, sạt lở đất", "Chủ tịch Ủy ban nhân dân các xã, phường",
       ["Để chủ động ứng phó với mưa lớn trên diện rộng, Chủ tịch Ủy ban nhân dân tỉnh yêu cầu Chủ tịch Ủy ban nhân dân các xã, phường:",
        "1. Tổ chức trực ban nghiêm túc 24/24 giờ; rà soát, sẵn sàng sơ tán người dân ra khỏi khu vực có nguy cơ sạt lở.",
        "2. Kiểm tra các công trình hồ chứa, ngầm tràn; bố trí lực lượng canh gác tại các vị trí xung yếu.",
        "3. Báo cáo nhanh tình hình về Văn phòng Thường trực Ban Chỉ huy Phòng thủ dân sự tỉnh./."],
       ["CHỦ TỊCH", "&nbsp;", "&nbsp;", "Lê Văn Minh Họa"])
letter("quyet-dinh-khen-thuong.pdf", "ỦY BAN NHÂN DÂN", "PHƯỜNG TÂN PHONG", "118/QĐ-UBND",
       "QUYẾT ĐỊNH<br/>Về việc tặng Giấy khen", "",
       ["Điều 1. Tặng Giấy khen cho 03 tập thể và 05 cá nhân có thành tích xuất sắc trong phong trào thi đua sử dụng thư điện tử công vụ.",
        "Điều 2. Kinh phí thực hiện chi từ Quỹ thi đua, khen thưởng của phường.",
        "Điều 3. Văn phòng HĐND và UBND, các tổ chức, cá nhân có liên quan chịu trách nhiệm thi hành Quyết định này./."],
       ["CHỦ TỊCH", "&nbsp;", "&nbsp;", "Đỗ Thị Ví Dụ"])
sheet("mau-bao-cao.xlsx", "MẪU BÁO CÁO SỬ DỤNG THƯ ĐIỆN TỬ CÔNG VỤ QUÝ III",
      [["STT", "Đơn vị", "Số CBCC", "Đã cấp hộp thư", "Thường xuyên sử dụng", "Tỷ lệ (%)", "Ghi chú"],
       *[[n, unit, None, None, None, f'=IF(C{n + 2}="","",E{n + 2}/C{n + 2}*100)', None] for n, unit in
         enumerate(["Văn phòng HĐND và UBND", "Phòng Kinh tế, Hạ tầng và Đô thị", "Phòng Văn hóa - Xã hội", "Trung tâm Phục vụ hành chính công", "Ban Chỉ huy Quân sự"], 1)]],
      [6, 38, 12, 16, 22, 12, 20])
sheet("lich-giao-ban.xlsx", "LỊCH HỌP GIAO BAN TUẦN",
      [["Thời gian", "Nội dung", "Chủ trì", "Thành phần", "Địa điểm"],
       ["08:00 thứ Hai", "Giao ban lãnh đạo UBND", "Đ/c Chủ tịch", "Thường trực UBND, Văn phòng", "Phòng họp số 1"],
       ["14:00 thứ Ba", "Rà soát hồ sơ thủ tục hành chính trễ hạn", "Đ/c Phó Chủ tịch", "Trung tâm PVHCC, Văn phòng", "Phòng họp số 2"],
       ["08:00 thứ Năm", "Tiếp công dân định kỳ", "Đ/c Chủ tịch", "Ban Tiếp công dân", "Phòng Tiếp công dân"]],
      [18, 44, 18, 34, 22])
sheet("so-lieu-ho-ngheo.xlsx", "TỔNG HỢP KẾT QUẢ RÀ SOÁT HỘ NGHÈO, HỘ CẬN NGHÈO",
      [["STT", "Khu phố", "Tổng số hộ", "Hộ nghèo", "Hộ cận nghèo"],
       [1, "Khu phố Đông Hòa", 412, 6, 11], [2, "Khu phố Tây Hòa", 388, 4, 9], [3, "Khu phố Trung Lương", 521, 9, 14]],
      [6, 26, 14, 12, 16])
document("du-thao-ke-hoach.docx", "KẾ HOẠCH Chuyển đổi số phường Tân Phong (Dự thảo lần 2)",
         [(1, "I. Mục đích, yêu cầu"), (0, "Đẩy mạnh ứng dụng công nghệ thông tin trong chỉ đạo, điều hành; 100% văn bản đi được ký số và gửi qua môi trường mạng, trừ văn bản mật."),
          (1, "II. Nhiệm vụ"), (0, "1. 100% cán bộ, công chức sử dụng thư điện tử công vụ trong công việc."), (0, "2. Kiểm tra hộp thư cơ quan ít nhất hai lần mỗi ngày làm việc."),
          (1, "III. Kinh phí"), (0, "Tổng kinh phí dự kiến: 185.000.000 đồng, từ nguồn sự nghiệp công nghệ thông tin."), (1, "Phụ lục 2. Danh mục thiết bị"), (0, "(Dự thảo, xin ý kiến góp ý)")])
document("de-cuong-bao-cao.docx", "ĐỀ CƯƠNG BÁO CÁO Kết quả thực hiện nhiệm vụ phát triển kinh tế - xã hội",
         [(1, "I. Kết quả đạt được"), (0, "(Nêu rõ số liệu, so sánh với cùng kỳ)"), (1, "II. Tồn tại, hạn chế và nguyên nhân"), (1, "III. Phương hướng, nhiệm vụ trọng tâm")])

picture = Image.new("RGB", (240, 64), "#1b5cbe")
draw = ImageDraw.Draw(picture)
draw.rectangle((10, 14, 62, 50), outline="white", width=3)
draw.line((10, 14, 36, 36, 62, 14), fill="white", width=3)
draw.text((78, 24), "BAN TIN LUYEN TAP", fill="white")
picture.save(HERE / "bieu-trung.png", optimize=True)
scan = Image.new("L", (420, 594), 250)
draw = ImageDraw.Draw(scan)
for y in range(70, 540, 18):
    draw.line((40, y, 380 - (y * 7) % 90, y), fill=90, width=2)
draw.rectangle((250, 470, 360, 540), outline=60, width=3)
scan.save(HERE / "ban-chup-don.png", optimize=True)

packed = io.BytesIO()
with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
    for name in ("mau-bao-cao.xlsx", "de-cuong-bao-cao.docx"):
        archive.writestr(zipfile.ZipInfo(name, (2026, 1, 5, 8, 0, 0)), (HERE / name).read_bytes())
(HERE / "bieu-mau.zip").write_bytes(packed.getvalue())
