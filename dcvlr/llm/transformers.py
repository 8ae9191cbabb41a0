"""Language models of the Hugging Face hub on this machine: whatever transformers loads, with or without eyes."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any, ClassVar

from PIL import Image

from dcvlr.errors import ConfigError, require_package
from dcvlr.identity import speed
from dcvlr.llm.chat import PLAIN_END, chat, control_words, plain_prompt, spelled, without_system
from dcvlr.llm.families import stated_family
from dcvlr.llm.grammar import Grammars, grammar_tokenizer
from dcvlr.llm.token_sampling import SeededSampler, TokenLimits, reply_tokens
from dcvlr.llm.views import pictures_for
from dcvlr.models.batching import run_batch
from dcvlr.models.weights import Dtype, digest_of_weights, load_model, load_processor, pad_left, require_weights
from dcvlr.records import Failure
from dcvlr.records.requests import Message, Reply, Request
from dcvlr.settings import Count, Side, checked
from dcvlr.text.thinking import opened_thought, split_thinking

_OWNER = "llm=transformers"
_WINDOW = 4  # batches that are sorted by length together, so that little is padded
_ENDLESS = 1 << 30


@dataclass(frozen=True)
class Prompt:
    request: Request
    text: str
    images: list[Image.Image]


@dataclass(frozen=True, kw_only=True)
@checked
class Transformers:
    """Replies of one model, a batch at a time; a reply depends on its request alone, not on the batch it is in.

    In half precision the sums of a batch are rounded otherwise than those of a single row, which turns a near tie.
    The model's own chat template makes the prompt; a system message goes to the head of the first user message where
    the template knows none, and a model without a template is asked as `User: … Assistant:` and cut where it begins to
    speak for the user. Words that command the tokenizer get a space inside, so that text read from a picture stays
    text. What a checkpoint says about sampling is not used: the request says it all. A schema is kept to by masking
    every token that would break it. A request that does not fit the model's context is refused.
    """

    name: ClassVar[str] = "transformers"
    revision: ClassVar[int] = 1
    signal: ClassVar[type] = Reply
    family = stated_family
    weights_digest = digest_of_weights

    model: str
    model_revision: str
    family_name: str | None
    sees_images: bool
    max_side: Side
    dtype: Dtype
    template: dict[str, Any]
    batch_size: Count = speed()
    device: str = speed()

    def check_ready(self) -> None:
        require_package("jinja2", extra="llm,schema,transformers", owner=_OWNER)
        require_package("llguidance", extra="schema,transformers", owner=_OWNER)
        require_weights(self.model, self.model_revision, owner=_OWNER)

    def answers(self, requests: Iterable[Request], /) -> Generator[tuple[Request, Reply | Failure]]:
        waiting = iter(requests)
        while window := list(islice(waiting, self.batch_size * _WINDOW)):
            for batch in batches(window, self.batch_size):
                yield from zip(batch, run_batch(self, batch), strict=True)

    def __call__(self, items: Sequence[Request], /) -> list[Reply | Failure]:
        prompts = [self._prompt(request) for request in items]
        replies = iter(self._replies([prompt for prompt in prompts if isinstance(prompt, Prompt)]))
        return [prompt if isinstance(prompt, Failure) else next(replies) for prompt in prompts]

    def _prompt(self, request: Request) -> Prompt | Failure:
        pictures = pictures_for(self, request)
        if isinstance(pictures, Failure):
            return pictures
        text = self._text(spelled(request.messages, self._control), len(pictures))
        return Prompt(request, text, [Image.fromarray(picture.pixels) for picture in pictures])

    def _text(self, messages: Sequence[Message], pictures: int) -> str:
        if self._is_plain:
            return plain_prompt(messages)
        turns = messages if self._knows_system else without_system(messages)
        return self._templated(chat(turns, [{"type": "image"}] * pictures, parts=self.sees_images))

    def _templated(self, turns: list[dict[str, Any]]) -> str:
        return str(
            self._speaker.apply_chat_template(turns, tokenize=False, add_generation_prompt=True, **self.template)
        )

    def _replies(self, prompts: Sequence[Prompt]) -> list[Reply | Failure]:
        if not prompts:
            return []
        inputs = self._encoded(prompts)
        lengths = inputs["attention_mask"].sum(-1).tolist()
        if max(lengths) >= self._context:
            return self._replies_of_those_that_fit(prompts, lengths)
        limits = [
            min(prompt.request.sampling.max_tokens, self._context - length)
            for prompt, length in zip(prompts, lengths, strict=True)
        ]
        rows = self._generated(inputs, [prompt.request for prompt in prompts], limits)
        return [self._reply(*each) for each in zip(prompts, rows, limits, lengths, strict=True)]

    def _replies_of_those_that_fit(self, prompts: Sequence[Prompt], lengths: Sequence[int]) -> list[Reply | Failure]:
        pairs = list(zip(prompts, lengths, strict=True))
        replies = iter(self._replies([prompt for prompt, length in pairs if length < self._context]))
        return [next(replies) if length < self._context else self._too_long(length) for _, length in pairs]

    def _too_long(self, length: int) -> Failure:
        message = f"the prompt has {length} tokens, {self.model} takes fewer than {self._context}"
        return Failure(kind="refused", message=message)

    def _encoded(self, prompts: Sequence[Prompt]) -> Any:
        texts = [prompt.text for prompt in prompts]
        network = self._network
        # A template has written the token that begins a text itself; a tokenizer would write it again.
        begun = texts[0].startswith(self._tokenizer.bos_token or "\0") or not (self._is_plain or self.sees_images)
        options = {"padding": True, "return_tensors": "pt"} | ({"add_special_tokens": False} if begun else {})
        if self.sees_images:
            images = [prompt.images for prompt in prompts] if prompts[0].images else None
            return self._speaker(text=texts, images=images, **options).to(network.device, network.dtype)
        encoded = self._tokenizer(texts, **options).to(network.device)
        return {name: encoded[name] for name in ("input_ids", "attention_mask")}

    def _generated(self, inputs: Any, requests: Sequence[Request], limits: Sequence[int]) -> list[list[int]]:
        import torch

        schemas = [request.schema for request in requests]
        guides = [Grammars(self._grammar_tokenizer, schemas)] if any(schemas) else []
        prompt_length = inputs["input_ids"].shape[1]
        ends = {"stop_strings": [PLAIN_END], "tokenizer": self._tokenizer} if self._is_plain else {}
        with torch.inference_mode():
            tokens = self._network.generate(
                **inputs,
                max_new_tokens=max(limits),
                logits_processor=[*guides, SeededSampler(requests)],
                stopping_criteria=[TokenLimits(limits, prompt_length)],
                **ends,
            )
        rows: list[list[int]] = tokens[:, prompt_length:].tolist()
        return rows

    def _reply(self, prompt: Prompt, row: Sequence[int], limit: int, length: int) -> Reply:
        tokens, ended = reply_tokens(row, limit, self._ends)
        text = str(self._tokenizer.decode(tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False))
        if self._is_plain and PLAIN_END in text:
            text, ended = text.partition(PLAIN_END)[0], True
        thought = ""
        if prompt.request.schema is None:
            thought, text = split_thinking(opened_thought(prompt.text) + text)
        return Reply(
            text=text.strip(),
            reasoning=thought,
            finish="stop" if ended else "length",
            prompt_tokens=length,
            completion_tokens=len(tokens),
        )

    @cached_property
    def _speaker(self) -> Any:
        """What turns a chat into inputs: a processor where there are pictures, else a tokenizer."""
        kind = "AutoProcessor" if self.sees_images else "AutoTokenizer"
        speaker = load_processor(kind, self.model, self.model_revision)
        if self.sees_images and getattr(speaker, "chat_template", None) is None:
            raise ConfigError(f"{_OWNER}: {self.model!r} has no chat template; choose an instruction-tuned model")
        pad_left(getattr(speaker, "tokenizer", speaker))
        return speaker

    @property
    def _tokenizer(self) -> Any:
        return getattr(self._speaker, "tokenizer", self._speaker)

    @cached_property
    def _control(self) -> list[str]:
        return control_words(self._tokenizer, self._speaker)

    @property
    def _is_plain(self) -> bool:
        return getattr(self._speaker, "chat_template", None) is None

    @cached_property
    def _knows_system(self) -> bool:
        import jinja2

        messages = [Message(role="system", text="be brief"), Message(role="user", text="hello")]
        try:
            return "be brief" in self._templated(chat(messages, [], parts=self.sees_images))
        except jinja2.TemplateError:
            return False

    @cached_property
    def _network(self) -> Any:
        from transformers import GenerationConfig

        kind = "AutoModelForImageTextToText" if self.sees_images else "AutoModelForCausalLM"
        try:
            network = load_model(kind, self.model, self.model_revision, device=self.device, dtype=self.dtype)
        except ValueError as error:  # transformers knows no model of this kind for the config
            what = "a model that is shown pictures" if self.sees_images else "a model of text alone"
            other = str(not self.sees_images).lower()
            raise ConfigError(
                f"{_OWNER}: {self.model!r} cannot be loaded as {what}; llm.sees_images={other} may be meant "
                f"({type(error).__name__}: {str(error)[:200]})"
            ) from error
        ends = _ends(network, self._tokenizer)
        # The checkpoint's own settings would count besides the request's, and its penalty on repetition the padding.
        network.generation_config = GenerationConfig(
            eos_token_id=ends or None, pad_token_id=ends[0] if ends else 0, do_sample=False
        )
        return network

    @property
    def _ends(self) -> list[int]:
        return self._network.generation_config.eos_token_id or []

    @cached_property
    def _context(self) -> int:
        return int(getattr(self._network.config.get_text_config(), "max_position_embeddings", None) or _ENDLESS)

    @cached_property
    def _grammar_tokenizer(self) -> Any:
        vocabulary = int(self._network.config.get_text_config().vocab_size)
        end = self._ends[0] if self._ends else None
        return grammar_tokenizer(self._tokenizer, vocabulary, end, model=self.model)


def batches(requests: Sequence[Request], size: int) -> Iterator[list[Request]]:
    """Longest first, so that memory runs out early if it does; processors want pictures in all rows or in none."""
    for shows in (True, False):
        alike = sorted((each for each in requests if bool(each.views) is shows), key=_length, reverse=True)
        for start in range(0, len(alike), size):
            yield alike[start : start + size]


def _length(request: Request) -> tuple[int, int, str]:
    return len(request.views), sum(len(message.text) for message in request.messages), request.id


def _ends(network: Any, tokenizer: Any) -> list[int]:
    """Tokens that end a reply, by the checkpoint; by the tokenizer where the checkpoint does not say."""
    known = network.generation_config.eos_token_id
    if known is None:
        known = tokenizer.eos_token_id
    if known is None:
        return []
    return [known] if isinstance(known, int) else list(known)
