"""Every setting of lawkb; the only module that reads environment variables.

Each field can be set as ``LAWKB_<NAME>`` in the environment.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Settings with their defaults; descriptions are Chinese because users read them in the README."""

    model_config = SettingsConfigDict(env_prefix="LAWKB_", extra="ignore")

    data_dir: Path = Field(Path("data"), description="运行数据所在目录（数据库、索引、向量缓存）")
    database_url: str = Field("", description="数据库地址；留空为数据目录下的 SQLite 文件")
    host: str = Field("127.0.0.1", description="服务监听地址")
    port: int = Field(8000, ge=1, le=65535, description="服务端口")
    encoder: str = Field(
        "builtin", description="稠密编码器：builtin 或任意 sentence-transformers 模型路径、名称"
    )
    encoder_threads: int = Field(2, ge=1, description="编码使用的线程数（不影响向量的值）")
    index_engine: str = Field("edge", description="索引引擎：edge（进程内）或 qdrant（服务器）")
    qdrant_url: str = Field("", description="index_engine=qdrant 时的服务器地址")
    qdrant_api_key: str = Field("", description="Qdrant 服务器的访问密钥")
    qdrant_shards: int = Field(1, ge=1, description="Qdrant 集合的分片数")
    qdrant_replicas: int = Field(1, ge=1, description="Qdrant 集合的副本数")
    qdrant_quantization: str = Field("none", description="Qdrant 向量量化：none 或 int8")
    exact_below: int = Field(200_000, ge=0, description="点数低于此值时做精确检索（两次建库结果相同）")
    keep_generations: int = Field(2, ge=1, description="保留的索引代数（含正在服务的一代）")
    serve_samples: bool = Field(True, description="是否提供未经律师审核的示例答复；正式使用时设为 false")
    answer_calibration: str = Field(
        "", description="标准答问的校准文件（lawkb answers calibrate 生成）；留空用随附的"
    )
    danger_model: str = Field(
        "", description="人身安全模型的文件（lawkb answers calibrate --danger 生成）；留空用随附的"
    )
    conversation_minutes: int = Field(60, ge=1, description="对话令牌的有效时间，分钟")
    keep_questions_days: int = Field(
        180, ge=0, le=36_500, description="提问记录（去掉个人信息）保留多少天；0 为不留"
    )
    keep_feedback_days: int = Field(730, ge=0, le=36_500, description="对答复的意见保留多少天；0 为不收")
    keep_callbacks_days: int = Field(30, ge=0, le=36_500, description="回电登记（加密）保留多少天；0 为不收")
    public_url: str = Field(
        "",
        description="对外的网址，如 https://law.example.cn；登录的来源按它核对，https 时 Cookie 只走加密连接",
    )
    session_idle_minutes: int = Field(30, ge=1, le=1440, description="登录后多久不用就退出，分钟")
    session_hours: int = Field(12, ge=1, le=168, description="一次登录最长多久，小时")
    model_url: str = Field("", description="改写用的模型服务（OpenAI 兼容接口）地址；留空不用模型")
    model_key: str = Field("", description="模型服务的密钥")
    model_name: str = Field("", description="模型名称")
    model_seconds: float = Field(3.0, gt=0, le=60, description="等模型服务的最长时间，秒；超时用原文")

    @property
    def resolved_database_url(self) -> str:
        """SQLAlchemy URL in use."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'lawkb.db').as_posix()}"

    @property
    def index_dir(self) -> Path:
        """Folder of the index generations."""
        return self.data_dir / "index"


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()


def silence_libraries() -> None:
    """Turn off what libraries would do behind our back: telemetry, hub look-ups, fork warnings.

    Must run before those libraries are imported.
    """
    os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
