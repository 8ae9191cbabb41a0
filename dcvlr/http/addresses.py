"""Where a server is, and the proxy on the way to it."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from dcvlr.errors import ConfigError
from dcvlr.settings import SettingError


def require_base_url(base_url: str | None) -> str:
    """The address without a slash at its end; `SettingError` unless it can be one."""
    address = base_url or ""
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018  raises for a port that is no number
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname) and not set(" \t\r\n") & set(address)
    except (ValueError, AttributeError, TypeError):
        is_address = False
    if not is_address:
        raise SettingError("base_url", base_url, "an address such as http://localhost:8000/v1 is needed")
    if parts.username or parts.password or parts.query or parts.fragment:
        needed = "an address without password, ? or # is needed; keys go by name"
        raise SettingError("base_url", f"{parts.scheme}://{parts.hostname}", needed)
    return address.rstrip("/")


def proxy_for(base_url: str) -> str | None:
    """What HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY say; this machine is never behind a proxy."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    if is_loopback(host) or proxy_bypass(host):
        return None
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if proxy is None:
        return None
    if "://" not in proxy:
        proxy = f"http://{proxy}"
    if urlsplit(proxy).scheme not in {"http", "https"}:
        raise ConfigError(
            f"the proxy for {host} speaks {urlsplit(proxy).scheme}: only http and https proxies are known"
        )
    return proxy


def is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
