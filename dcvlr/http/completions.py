"""Chat completions of the OpenAI protocol: what is an answer and what is not."""

from __future__ import annotations

from typing import Any

from dcvlr.http.statuses import one_line


def completion_fault(body: Any) -> str | None:
    """Why a body under status 200 holds no reply, as gateways send it when the model behind them fails."""
    choices = body.get("choices") if isinstance(body, dict) else None
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        return f"a completion without choices: {one_line(body)}"
    choice = choices[0]
    if choice.get("error") or choice.get("finish_reason") == "error":
        return f"a completion that broke off: {one_line(choice.get('error') or 'the server does not say why')}"
    return None if isinstance(choice.get("message"), dict) else "a choice without a message"
