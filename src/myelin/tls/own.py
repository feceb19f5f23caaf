"""The root and the server's certificate on disk, made at the first start and renewed while the server runs.

    data_dir/tls/
      lock         held while anything here is made
      root.pem     key and certificate of the root: never made again, never replaced
      server.pem   key and certificate of this machine: made again whenever it does not serve any more

Each file is written whole under another name and then renamed, so no crash leaves half of one. The keys never leave
the folder. Several processes share it: what one has renewed the others take over.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from cryptography import x509

from myelin.settings import Settings, SettingsError
from myelin.tls.certificates import Pair, new_certificate, new_root, permits, read_pair, serves
from myelin.tls.names import Name, chosen_names, found_names

LOOK_INTERVAL_S = 600
EXPIRES_SOON_DAYS = 365

logger = logging.getLogger(__name__)


class OwnTls:
    """What `tls = "own"` means: `context` encrypts with a certificate that the hospital's root has signed."""

    def __init__(
        self,
        settings: Settings,
        now: Callable[[], datetime],
        found: Callable[[], frozenset[Name]] = found_names,
    ) -> None:
        self._folder = settings.data_dir / "tls"
        self._title = f"Myelin {settings.server_name}"
        self._chosen = chosen_names(settings)
        self._found = found
        self._now = now
        with folder_faults(self._folder), locked(self._folder):
            self._root = self._open_root()
            self._check_chosen()
            self._pair = self._current()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.context.load_cert_chain(self._folder / "server.pem")

    @property
    def root(self) -> x509.Certificate:
        """What people install; its key stays here."""
        return self._root.certificate

    async def run(self) -> None:
        """Renew the certificate before it expires, and when this machine gets another name; new connections use it."""
        while True:
            await asyncio.sleep(LOOK_INTERVAL_S)
            try:
                await self.renew()
            except (OSError, SettingsError) as fault:
                # The present certificate has months left, and whoever runs the server reads its log.
                logger.error("the certificate cannot be renewed: %s", fault)

    async def renew(self) -> bool:
        """Look once; return whether there is another certificate than before."""
        pair = await asyncio.to_thread(self._look)
        if pair.certificate == self._pair.certificate:
            return False
        # Here and in no thread: no connection may begin between the certificate and its key.
        self.context.load_cert_chain(self._folder / "server.pem")
        self._pair = pair
        logger.info("the server's certificate was renewed; it holds until %s", pair.certificate.not_valid_after_utc)
        return True

    def _look(self) -> Pair:
        with locked(self._folder):
            return self._current()

    def _open_root(self) -> Pair:
        path = self._folder / "root.pem"
        if not path.exists():
            write(path, new_root(self._title, self._chosen | self._found(), self._now()).pem())
            logger.info("made the hospital's root certificate; people install it from /ca")
        root = self._read(path)
        if root is None:
            raise SettingsError(
                f"The file {path} is damaged: bring it back from a backup. Only where there is none, remove it: the "
                "server then makes a new root, and everybody has to install that one."
            )
        days = (root.certificate.not_valid_after_utc - self._now()).days
        if days < 0:
            raise SettingsError(f"The root certificate in {path} has expired: remove it, and install the new one.")
        if days < EXPIRES_SOON_DAYS:
            logger.warning("the hospital's root certificate expires in %d days", days)
        return root

    def _check_chosen(self) -> None:
        refused = sorted(str(name) for name in self._chosen if not permits(self.root, name))
        if refused:
            raise SettingsError(
                f"The hospital's root certificate may not sign for {', '.join(refused)}: it holds for the names that "
                f"were chosen when it was made. Choose a name below those, or remove {self._folder / 'root.pem'}: the "
                "server then makes a new root, and everybody has to install that one."
            )

    def _current(self) -> Pair:
        """Return a certificate that serves: the one that is there, or a new one."""
        path, now = self._folder / "server.pem", self._now()
        names = frozenset(name for name in self._chosen | self._found() if permits(self.root, name))
        pair = self._read(path) if path.exists() else None
        if pair is not None and serves(pair.certificate, self.root, names, now):
            return pair
        made = new_certificate(self._root, names, now)
        write(path, made.pem())
        return made

    def _read(self, path: Path) -> Pair | None:
        """Return a pair, None where the file is damaged."""
        with suppress(PermissionError):
            path.chmod(0o600)
        try:
            return read_pair(path.read_bytes())
        except (ValueError, TypeError):
            return None


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Be the only one who makes something in this folder; within the folder that nobody else can enter."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def folder_faults(folder: Path) -> Iterator[None]:
    """Say in one sentence what is wrong with the folder of the keys."""
    try:
        yield
    except OSError as fault:
        where = fault.filename or folder
        raise SettingsError(f'The setting tls = "own" cannot be followed: {where}: {fault.strerror}.') from None


def write(path: Path, content: bytes) -> None:
    """Write a file whole and durably, for the server's eyes only."""
    half = path.with_suffix(".new")
    half.unlink(missing_ok=True)
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
