"""The kinds of file that are taken, by extension; what each must be inside is asked by `checking`."""

from dataclasses import dataclass
from enum import Enum, auto

from escalation.files.refusals import Unfit


class Family(Enum):
    """Files that are read alike."""

    PDF = auto()
    ZIP = auto()  # Word, Excel, PowerPoint since 2007, OpenDocument
    OLE = auto()  # Word, Excel, PowerPoint before 2007, Outlook
    PICTURE = auto()
    TEXT = auto()
    EMAIL = auto()


@dataclass(frozen=True)
class Kind:
    """One kind of file: what it is called, what it is sent as, and what libmagic may say of it."""

    called: str
    content_type: str
    family: Family
    also: tuple = ()  # other types that libmagic gives for a sound one
    pillow: str = ""  # the format's name in Pillow


OFFICE = "application/vnd.openxmlformats-officedocument."
OPEN = "application/vnd.oasis.opendocument."
ZIPS = ("application/zip", "application/octet-stream")
OLES = (
    "application/msword",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    "application/vnd.ms-outlook",
    "application/vnd.ms-office",
    "application/x-ole-storage",
    "application/CDFV2",
    "application/octet-stream",
)
DOCX = Kind("a Word document", f"{OFFICE}wordprocessingml.document", Family.ZIP, ZIPS)
XLSX = Kind("an Excel workbook", f"{OFFICE}spreadsheetml.sheet", Family.ZIP, ZIPS)
PPTX = Kind("a PowerPoint presentation", f"{OFFICE}presentationml.presentation", Family.ZIP, ZIPS)
JPEG = Kind("a JPEG picture", "image/jpeg", Family.PICTURE, pillow="JPEG")
TIFF = Kind("a TIFF picture", "image/tiff", Family.PICTURE, pillow="TIFF")

KINDS = {
    "pdf": Kind("a PDF", "application/pdf", Family.PDF),
    "docx": DOCX,
    "xlsx": XLSX,
    "pptx": PPTX,
    "odt": Kind("an OpenDocument text", f"{OPEN}text", Family.ZIP, ZIPS),
    "ods": Kind("an OpenDocument spreadsheet", f"{OPEN}spreadsheet", Family.ZIP, ZIPS),
    "odp": Kind("an OpenDocument presentation", f"{OPEN}presentation", Family.ZIP, ZIPS),
    "doc": Kind("a Word document", "application/msword", Family.OLE, OLES),
    "xls": Kind("an Excel workbook", "application/vnd.ms-excel", Family.OLE, OLES),
    "ppt": Kind("a PowerPoint presentation", "application/vnd.ms-powerpoint", Family.OLE, OLES),
    "msg": Kind("an Outlook email", "application/vnd.ms-outlook", Family.OLE, OLES),
    "jpg": JPEG,
    "jpeg": JPEG,
    "png": Kind("a PNG picture", "image/png", Family.PICTURE, pillow="PNG"),
    "gif": Kind("a GIF picture", "image/gif", Family.PICTURE, pillow="GIF"),
    "webp": Kind("a WebP picture", "image/webp", Family.PICTURE, pillow="WEBP"),
    "tif": TIFF,
    "tiff": TIFF,
    "bmp": Kind("a BMP picture", "image/bmp", Family.PICTURE, ("image/x-ms-bmp",), pillow="BMP"),
    "txt": Kind("plain text", "text/plain", Family.TEXT),
    "csv": Kind("a CSV table", "text/csv", Family.TEXT),
    "eml": Kind("an email", "message/rfc822", Family.EMAIL),
}
# For the file field of a page
ACCEPT = ",".join(f".{extension}" for extension in KINDS)
TAKEN = (
    "PDF, Word, Excel, PowerPoint, OpenDocument, pictures (JPEG, PNG, GIF, WebP, TIFF, BMP), plain text, CSV,"
    " emails (.eml, .msg)"
)

MACROS = dict.fromkeys(("docm", "dotm"), ".docx") | dict.fromkeys(("xlsm", "xltm", "xlam", "xlsb"), ".xlsx")
MACROS |= dict.fromkeys(("pptm", "potm", "ppsm", "ppam"), ".pptx")
INSTEAD = {
    **dict.fromkeys(("heic", "heif", "avif"), "Save it as JPEG and add it again."),
    **dict.fromkeys(("zip", "7z", "rar", "gz", "tar"), "Unpack it and add the files one by one."),
    **dict.fromkeys(("rtf", "dot", "dotx", "pages", "wpd", "wps"), "Save it as .docx or PDF and add it again."),
    **dict.fromkeys(("xlt", "xltx", "numbers"), "Save it as .xlsx or PDF and add it again."),
    **dict.fromkeys(("pps", "ppsx", "pot", "potx", "key", "odg", "vsd", "vsdx"), "Save it as PDF and add it again."),
    **dict.fromkeys(("html", "htm", "mht", "mhtml", "svg", "xml"), "Print it as PDF and add that."),
    **dict.fromkeys(("pst", "ost", "mbox"), "Save each email by itself as .eml or .msg and add those."),
}


def of(extension):
    """The kind that a name's extension stands for; Unfit, with what to do instead, where it is not taken."""
    if extension in KINDS:
        return KINDS[extension]
    if extension in MACROS:
        raise Unfit(f"can hold macros. Save it as {MACROS[extension]} and add it again.")
    if not extension:
        raise Unfit("does not say by the end of its name what kind of file it is. Give it its ending and add it again.")
    raise Unfit(f"is of a kind that is not taken (.{extension}). {INSTEAD.get(extension, f'Taken are: {TAKEN}.')}")
