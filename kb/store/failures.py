"""What a failure of the database means to a person: driver errors become StoreError."""

from __future__ import annotations

import sqlite3

from kb.errors import BadInputError, LawkbError, StoreError

SQLITE_FAILURES: dict[str, tuple[str, str, str]] = {
    "SQLITE_FULL": ("store_disk_full", "磁盘已满，数据没有写入", "请腾出磁盘空间后重试；已有数据没有改变"),
    "SQLITE_BUSY": ("store_locked", "数据库正被另一个进程写入", "请等它结束后重试"),
    "SQLITE_LOCKED": ("store_locked", "数据库正被另一处写入", "请稍后重试"),
    "SQLITE_NOTADB": (
        "store_not_a_database",
        "这个文件不是 SQLite 数据库",
        "请核对 LAWKB_DATABASE_URL，或移走该文件",
    ),
    "SQLITE_CORRUPT": ("store_corrupt", "数据库文件已损坏", "请从备份恢复，或移走该文件后重新建库"),
    "SQLITE_CANTOPEN": ("store_cannot_open", "无法打开数据库文件", "请检查文件夹是否存在、是否有读写权限"),
    "SQLITE_PERM": ("store_cannot_open", "没有权限打开数据库文件", "请检查文件和文件夹的读写权限"),
    "SQLITE_READONLY": ("store_read_only", "数据库是只读的，不能写入", "请检查文件和文件夹的写权限"),
    "SQLITE_IOERR": ("store_io_failed", "读写数据库文件失败", "请检查磁盘空间和磁盘状态后重试"),
    "SQLITE_CONSTRAINT": ("store_conflict", "数据与库中已有的记录冲突，没有写入", "请核对要保存的记录"),
}
"""Primary result code of SQLite -> our code, message, way out."""

POSTGRES_FAILURES: dict[str, tuple[str, str, str]] = {
    "53100": ("store_disk_full", "数据库服务器的磁盘已满，数据没有写入", "请腾出磁盘空间后重试"),
    "53300": ("store_locked", "数据库服务器的连接数已用完", "请稍后重试，或调大 max_connections"),
    "55P03": ("store_locked", "等待另一处写入超时", "请稍后重试"),
    "40001": ("store_locked", "与另一处写入冲突，本次没有写入", "请重试"),
    "40P01": ("store_locked", "与另一处写入互相等待，本次没有写入", "请重试"),
    "25006": ("store_read_only", "数据库是只读的，不能写入", "请连接到可写的服务器"),
    "42P01": ("store_not_migrated", "数据库里还没有需要的表", "请先运行迁移（建库或启动服务时会自动完成）"),
    "42703": ("store_not_migrated", "数据库的表缺少需要的列", "请先运行迁移（建库或启动服务时会自动完成）"),
    "22021": ("text_not_storable", "文字里含有数据库不能保存的字符", "请检查文字的来源和编码后重试"),
}
"""SQLSTATE -> our code, message, way out; the classes 08, 23, 28, 42501 and 57 are handled apart."""


def _sqlite_failure(error: sqlite3.Error) -> tuple[str, str, str] | None:
    name = getattr(error, "sqlite_errorname", "") or ""
    if name == "SQLITE_ERROR" and "no such " in str(error):
        return POSTGRES_FAILURES["42P01"]
    primary = "_".join(name.split("_")[:2])
    return SQLITE_FAILURES.get(primary)


def _postgres_failure(sqlstate: str | None, kind: str) -> tuple[str, str, str] | None:
    if sqlstate is None:
        # libpq gives no state for a failed or lost connection, nor for a refused login.
        unreachable = (
            "store_unreachable",
            "连不上数据库服务器，或被它拒绝",
            "请确认服务器已启动，地址、库名、用户名和密码正确",
        )
        return unreachable if kind in ("OperationalError", "ConnectionTimeout") else None
    if sqlstate in POSTGRES_FAILURES:
        return POSTGRES_FAILURES[sqlstate]
    if sqlstate.startswith(("08", "57")):
        return ("store_unreachable", "数据库服务器中断了连接", "请确认服务器正常后重试")
    if sqlstate.startswith("28") or sqlstate == "42501":
        return ("store_access_denied", "数据库服务器拒绝了登录或操作", "请核对用户名、密码和权限")
    if sqlstate.startswith("23"):
        return SQLITE_FAILURES["SQLITE_CONSTRAINT"]
    return None


def explain_failure(error: BaseException, place: str) -> LawkbError:
    """The error that a person gets for ``error`` of a database driver.

    ``place`` names the database without its password. Errors of our own keep their code.
    """
    if isinstance(error, LawkbError):
        return type(error)(error.code, error.message, place=error.place, way_out=error.way_out)
    if isinstance(error, UnicodeEncodeError):
        _, message, way_out = POSTGRES_FAILURES["22021"]
        return BadInputError("text_not_storable", message, way_out=way_out)
    if isinstance(error, sqlite3.Error):
        found = _sqlite_failure(error)
    else:
        found = _postgres_failure(getattr(error, "sqlstate", None), type(error).__name__)
    if found is None:
        return StoreError(
            "store_failed",
            f"数据库操作失败（{type(error).__name__}）",
            place=place,
            way_out="请查看日志中的原因；若反复出现请报告",
        )
    code, message, way_out = found
    if code == "store_unreachable":
        # The server's own words tell the operator which of these it is; they hold no password.
        place = f"{place}：{next(iter(str(error).splitlines()), '')[:200]}"
    if code == "text_not_storable":
        return BadInputError(code, message, way_out=way_out)
    return StoreError(code, message, place=place, way_out=way_out)
