"""The reply in a chat completion, as OpenAI, servers that speak its protocol, and gateways before them send it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dcvlr.http import Response
from dcvlr.http.statuses import one_line
from dcvlr.records import Failure, FailureKind
from dcvlr.records.requests import BROKEN_ENDS, FILTERED_ENDS, Reply
from dcvlr.text.thinking import split_thinking

_MOST_TOKENS = 1 << 40
_THOUGHTS = ("reasoning_content", "reasoning", "thinking")
_CALLS = frozenset({"tool_calls", "function_call", "tool_use"})


def reply_of(response: Response) -> Reply | Failure:
    """The first choice of a completion; reasoning is what the server keeps apart, or what stands between think tags."""
    try:
        choice = response.body["choices"][0]
        message = choice.get("message") or {}
        content, thoughts, refusal = _parts(message.get("content"))
        called = "" if content.strip() else _called(message)
        apart = next((message[name] for name in _THOUGHTS if message.get(name)), None)
        apart = _parts(apart)[0] or thoughts
        text = called or content or _mistaken(apart)
        is_json = text.lstrip().startswith("{")  # in which think tags are part of a string
        thought, answer = ("", text) if is_json else split_thinking(text)
        prompt_tokens, completion_tokens = tokens_of(response.body)
        reply = Reply(
            text=answer,
            reasoning="" if text == apart else apart or thought,
            finish="stop" if called and _finish(choice).lower() in _CALLS else _finish(choice),
            prompt_tokens=prompt_tokens,
            completion_tokens=completion_tokens,
        )
        return _no_reply(reply, message.get("refusal") or refusal) or reply
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        shape = one_line(response.body)[:200]
        return Failure(kind="server", message=f"no chat completion ({type(error).__name__}): {shape}")


def tokens_of(body: Mapping[str, Any]) -> tuple[int, int]:
    """What the prompt and the reply count; 0 for what the server does not tell, or cannot mean.

    What is missing from their sum to the total are thoughts, which Gemini and xAI bill and count apart.
    """
    usage = body.get("usage")
    if not isinstance(usage, dict):
        return 0, 0
    prompt = _count(usage, "prompt_tokens", "input_tokens")
    written = _count(usage, "completion_tokens", "output_tokens")
    return prompt, max(written, _count(usage, "total_tokens") - prompt) if prompt else written


def _count(usage: Mapping[str, Any], *names: str) -> int:
    count = next((usage[name] for name in names if usage.get(name) is not None), 0)
    count = int(count) if isinstance(count, float) and count.is_integer() else count
    return count if isinstance(count, int) and 0 <= count < _MOST_TOKENS else 0


def _no_reply(reply: Reply, refusal: object) -> Failure | None:
    """Why a choice is no reply: what a filter or the model refused stays, what broke off or is empty may pass."""
    finish, text = reply.finish.lower(), reply.text
    if finish in FILTERED_ENDS or (refusal and not text):
        return _failure(reply, "refused", f"finish_reason {reply.finish!r}: {str(refusal or text)[:200]!r}")
    if finish in BROKEN_ENDS or not (text.strip() or reply.is_cut):
        length = f"a text of {len(text)} characters" if text.strip() else "no text"
        return _failure(reply, "server", f"finish_reason {reply.finish!r} with {length}")
    return None


def _failure(reply: Reply, kind: FailureKind, message: str) -> Failure:
    return Failure(
        kind=kind,
        message=message,
        prompt_tokens=reply.prompt_tokens,
        completion_tokens=reply.completion_tokens,
    )


def _finish(choice: Mapping[str, Any]) -> str:
    finish = choice.get("finish_reason")
    return str((finish.get("type") if isinstance(finish, dict) else finish) or "stop")


def _parts(content: Any) -> tuple[str, str, str]:
    """Text, thoughts and refusal of a message whose content is one text or, as Mistral and others have it, parts."""
    if content is None or isinstance(content, str):
        return content or "", "", ""
    if isinstance(content, dict):  # JSON that a server has parsed
        return json.dumps(content, ensure_ascii=False), "", ""
    texts, thoughts, refusals = [], [], []
    for item in content:
        part = {"text": item} if isinstance(item, str) else item
        kind = part.get("type", "text")
        if kind in ("text", "output_text"):
            texts.append(part["text"])
        elif kind in ("thinking", "reasoning"):
            thoughts.append(_parts(part.get("thinking") or part.get("text"))[0])
        elif kind == "refusal":
            refusals.append(part["refusal"])
    return "".join(texts), "".join(thoughts), "".join(refusals)


def _mistaken(thoughts: str) -> str:
    """A reply that a parser took for thoughts, as vLLM's does where the model does not think: an object of JSON."""
    bare = thoughts.strip()
    return thoughts if bare.startswith("{") and bare.endswith("}") else ""


def _called(message: Mapping[str, Any]) -> str:
    """What a server took for the call of a tool that nobody offered: the arguments, which are the reply."""
    calls = message.get("tool_calls") or [{"function": message.get("function_call")}]
    arguments = (calls[0].get("function") or {}).get("arguments") or ""
    return arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
