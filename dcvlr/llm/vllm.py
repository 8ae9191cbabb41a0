"""Language models in vLLM's offline engine: continuous batching, prefix caching, several GPUs for one model.

Written against vLLM 0.11 and later (`LLM.chat`, `StructuredOutputsParams`), which does not install beside the rest of
this program, so that only the translation to and from it is tested here. The tried way to vLLM is its server:
`vllm serve` in an environment of its own, and llm=openai.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from itertools import islice
from typing import Annotated, Any, ClassVar

from msgspec import Meta
from PIL import Image

from dcvlr.errors import DcvlrError, MissingPackageError
from dcvlr.identity import speed
from dcvlr.llm.chat import chat, control_words, spelled
from dcvlr.llm.families import stated_family
from dcvlr.llm.views import pictures_for
from dcvlr.models.batching import run_batch
from dcvlr.models.weights import Dtype, digest_of_weights
from dcvlr.records import Failure
from dcvlr.records.requests import Reply, Request
from dcvlr.settings import Count, Side, checked
from dcvlr.text.thinking import opened_thought, split_thinking

_OWNER = "llm=vllm"


@dataclass(frozen=True, kw_only=True)
@checked
class Vllm:
    """Replies of one model to `batch_size` requests at a time, among which the engine batches as it likes.

    Every request is one sample with a seed of its own; several samples of one prompt are several requests that differ
    in the seed alone, and the cache of prefixes reads their prompt once. One process serves all GPUs
    (`tensor_parallel_size`); it is not to be started several times by a launcher.
    """

    name: ClassVar[str] = "vllm"
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
    max_model_len: Count | None
    max_pictures: Count = speed()
    batch_size: Count = speed()
    tensor_parallel_size: Count = speed()
    gpu_memory_utilization: Annotated[float, Meta(ge=0.05, le=1)] = speed()

    def check_ready(self) -> None:
        if find_spec("vllm") is None:
            raise MissingPackageError(
                f"{_OWNER} needs vllm, in an environment of its own, since it pins other versions: pip install vllm "
                f"there, with dcvlr; or run `vllm serve {self.model}` in it and choose llm=openai "
                "llm.base_url=http://localhost:8000/v1 here"
            )

    def answers(self, requests: Iterable[Request], /) -> Generator[tuple[Request, Reply | Failure]]:
        waiting = iter(requests)
        while batch := list(islice(waiting, self.batch_size)):
            yield from zip(batch, run_batch(self, batch), strict=True)

    def __call__(self, items: Sequence[Request], /) -> list[Reply | Failure]:
        chats = [self._chat(request) for request in items]
        asked = [(request, each) for request, each in zip(items, chats, strict=True) if not isinstance(each, Failure)]
        outputs = self._engine.chat(
            [each for _, each in asked],
            sampling_params=[_sampling_params(request) for request, _ in asked],
            chat_template_kwargs=self.template,
            use_tqdm=False,
        )
        replies = (reply_of(request, output) for (request, _), output in zip(asked, outputs, strict=True))
        return [each if isinstance(each, Failure) else next(replies) for each in chats]

    def _chat(self, request: Request) -> list[dict[str, Any]] | Failure:
        pictures = pictures_for(self, request)
        if isinstance(pictures, Failure):
            return pictures
        images = [{"type": "image_pil", "image_pil": Image.fromarray(picture.pixels)} for picture in pictures]
        return chat(spelled(request.messages, self._control), images, parts=False)

    @cached_property
    def _control(self) -> list[str]:
        return control_words(self._engine.get_tokenizer())

    @cached_property
    def _engine(self) -> Any:
        from vllm import LLM

        try:
            return LLM(**self._engine_settings())
        except Exception as error:  # whatever an engine raises: it would raise it again for every request
            raise DcvlrError(f"llm=vllm cannot load {self.model!r}: {type(error).__name__}: {error}") from error

    def _engine_settings(self) -> dict[str, Any]:
        settings: dict[str, Any] = {
            "model": self.model,
            "revision": self.model_revision,
            "dtype": self.dtype,
            "max_model_len": self.max_model_len,
            "tensor_parallel_size": self.tensor_parallel_size,
            "gpu_memory_utilization": self.gpu_memory_utilization,
            "enable_prefix_caching": True,
            "seed": 0,
        }
        # vLLM refuses the setting for a model of text alone
        return settings | ({"limit_mm_per_prompt": {"image": self.max_pictures}} if self.sees_images else {})


def sampling_settings(request: Request) -> dict[str, Any]:
    """What `vllm.SamplingParams` is made with, the schema apart; a seed there is a signed number of 64 bits."""
    return {
        "temperature": request.sampling.temperature,
        "top_p": request.sampling.top_p,
        "max_tokens": request.sampling.max_tokens,
        "seed": request.seed % 2**63,
    }


def _sampling_params(request: Request) -> Any:
    from vllm import SamplingParams
    from vllm.sampling_params import StructuredOutputsParams

    schema = {} if request.schema is None else {"structured_outputs": StructuredOutputsParams(json=request.schema)}
    return SamplingParams(**sampling_settings(request), **schema)


def reply_of(request: Request, output: Any) -> Reply | Failure:
    """The one completion of a `vllm.RequestOutput`."""
    completion = output.outputs[0]
    if completion.finish_reason not in ("stop", "length"):
        return Failure(kind="model", message=f"vLLM ended a reply by {completion.finish_reason!r}")
    thought, text = "", str(completion.text)
    if request.schema is None:
        thought, text = split_thinking(opened_thought(output.prompt or "") + text)
    return Reply(
        text=text.strip(),
        reasoning=thought,
        finish=completion.finish_reason,
        prompt_tokens=len(output.prompt_token_ids or ()),
        completion_tokens=len(completion.token_ids),
    )
