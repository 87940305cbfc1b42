"""Closed schemas of everything that is written by hand: an unknown key or value is an error.

The words are fixed in docs/contributing; the meaning of each field stands beside it.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Kind = Literal["foundation", "training", "application", "integration"]
Role = Literal["research", "full-stack", "applied", "platform"]
Tier = Literal["frontier", "llm-infrastructure", "ai-native", "enterprise"]
Depth = Literal["skim", "explain", "derive", "build"]
QuestionKind = Literal["explain", "derive", "estimate", "code", "debug", "design", "review", "behavioural"]
Round = Literal[
    "recruiter", "manager", "screen", "coding", "knowledge", "design", "behavioural", "research", "platform",
    "take-home",
]  # fmt: skip
Competency = Literal["mechanism", "sizing", "implementation", "judgement", "evidence"]
SourceKind = Literal["paper", "spec", "repository", "vendor", "post", "book"]

Text = Annotated[str, Field(min_length=1)]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Minutes = Annotated[int, Field(gt=0)]


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


# ---- chapters ------------------------------------------------------------------------------------


class ByDepth(Closed):
    """Minutes of study to reach a depth from nothing, so they never fall."""

    skim: Minutes
    explain: Minutes
    derive: Minutes
    build: Minutes


def _complete(values: type):
    """Every one of the values must be a key."""

    def check(given: dict) -> dict:
        missing = [name for name in get_args(values) if name not in given]
        if missing:
            raise ValueError(f"lacks {', '.join(missing)}")
        return given

    return AfterValidator(check)


class ChapterDepth(Closed):
    """From which depth the chapter matters to whom."""

    roles: Annotated[dict[Role, Depth], _complete(Role)]
    company_tiers: Annotated[dict[Tier, Depth], _complete(Tier)]


class Objective(Closed):
    text: Text
    checked_by: Annotated[list[Slug], Field(min_length=1)]  # ids of questions and cards


class Level(Closed):
    text: Text  # what somebody at this level can do
    probe: Text  # the question that shows it


class ChapterRecord(Closed):
    """Front matter of a chapter's index.md."""

    title: Text
    order: int
    kind: Kind
    prerequisites: list[Slug]
    summary: Annotated[str, Field(min_length=1, max_length=160)]
    minutes: ByDepth
    depth: ChapterDepth
    objectives: Annotated[list[Objective], Field(min_length=1)]
    levels: Annotated[list[Level], Field(min_length=5, max_length=5)]
    sources: list[str]
    reviewed: date


class QuizQuestion(Closed):
    """An objective question of a chapter's calibration.yml. The options have no order: the page shuffles them."""

    id: Slug  # permanent
    level: Annotated[int, Field(ge=1, le=5)]
    question: Text
    right: Text
    wrong: Annotated[list[Text], Field(min_length=2, max_length=3)]  # each what somebody really believes
    why: Text
    taught: Text  # anchor of the chapter


Levels = Annotated[list[Text], Field(min_length=5, max_length=5)]  # of a subject without a chapter: docs/paths/levels.yml


class QuestionRecord(Closed):
    """Front matter of a question file; the file name is the permanent id."""

    title: Text  # as an interviewer would say it
    kind: QuestionKind
    competency: Competency
    roles: Annotated[list[Role], Field(min_length=1)]
    company_tiers: Annotated[list[Tier], Field(min_length=1)]
    rounds: Annotated[list[Round], Field(min_length=1)]
    minutes: Minutes
    level: Annotated[int, Field(ge=1, le=5)]  # the self-assessment level probed
    snippet: str | list[str] | None = None
    lab: bool | None = None
    exercise: Slug | None = None  # of a code question: the folder in exercises/ whose tests grade it
    chapters: list[Slug] | None = None  # what to read first, where the question is part of no chapter or needs more
    sources: list[str]

    @property
    def snippets(self) -> list[str]:
        return [self.snippet] if isinstance(self.snippet, str) else self.snippet or []


class PageRecord(Closed):
    """Front matter of any other page."""

    title: Text | None = None
    description: Text | None = None
    order: int | None = None
    template: Text | None = None
    hide: list[Literal["navigation", "toc", "footer", "path", "tags"]] | None = None
    search: dict[Literal["exclude", "boost"], bool | int | float] | None = None
    reviewed: date | None = None
    sources: list[str] | None = None
    render_macros: bool | None = None


# ---- paths ---------------------------------------------------------------------------------------


class Topic(Closed):
    """A subject that has no folder yet."""

    slug: Slug
    title: Text
    order: int
    kind: Kind
    prerequisites: list[Slug]
    summary: Annotated[str, Field(min_length=1, max_length=160)] | None = None  # as in a chapter's record, until there is one
    depth: ChapterDepth | None = None


class CompetencyRecord(Closed):
    title: Text
    summary: Text


class PathStep(Closed):
    """A chapter in a week; `to` stops short of the path's depth, for a chapter that is read in two passes."""

    chapter: Slug
    to: Depth


class QuestionRule(Closed):
    """The first questions of the week's chapters that fit role, tier and depth and stood in no earlier week."""

    first: Annotated[int, Field(gt=0)]
    kinds: list[QuestionKind] | None = None
    levels: list[Annotated[int, Field(ge=1, le=5)]] | None = None


class PathWeek(Closed):
    title: Text
    chapters: Annotated[list[Slug | PathStep], Field(min_length=1)]
    focus: Text
    questions: list[Slug] | QuestionRule
    labs: list[Slug]  # of these chapters, where they have one
    sheets: list[Slug]
    checkpoint: Text  # what shows that the week is done


class JobTitle(Closed):
    title: Text
    note: Text  # what the opening must say for the title to belong here


class RoleRecord(Closed):
    title: Text
    openings: Text  # the usual titles
    summary: Text
    fits: Annotated[list[Text], Field(min_length=1)]
    titles: Annotated[list[JobTitle], Field(min_length=1)]
    weeks: Annotated[list[PathWeek], Field(min_length=1)]


WeekNumber = Annotated[str, Field(pattern=r"^[1-9]$")]


class TierChange(Closed):
    """What a company tier does to one role's path, beside the depth that the chapters' records give."""

    says: Text
    add: dict[WeekNumber, list[Slug]] = {}  # week: chapters that come in
    drop: list[Slug] = []
    focus: dict[WeekNumber, Text] = {}  # week: what it is about here


class Preparation(Closed):
    """Something to do for the interview itself; the planner lays it on a day."""

    page: Slug  # of docs/interview/
    do: Text
    minutes: Annotated[int, Field(gt=0, le=120)]
    stays: bool = False  # comes before the chapters, and goes last when time is short
    roles: Annotated[list[Role], Field(min_length=1)] | None = None


class TierRecord(Closed):
    title: Text
    summary: Text
    tests: Annotated[list[Text], Field(min_length=1)]
    how_deep: Text
    roles: Annotated[dict[Role, TierChange], _complete(Role)]


class AskedRow(Closed):
    """A subject of the syllabus by its slug, or anything else by a title."""

    subject: Slug | None = None
    title: Text | None = None
    questions: Annotated[int, Field(gt=0)]


class Asked(Closed):
    """How often public question banks ask about what: this project's own count."""

    as_of: date
    banks: int
    distinct: int
    noise: Text
    rows: Annotated[list[AskedRow], Field(min_length=1)]


# ---- snippets ------------------------------------------------------------------------------------


class Fault(Closed):
    """A bug hunt: one realistic fault in a module, and the test that fails with it. In snippets/<topic>/faults.yml."""

    id: Slug
    file: Text  # the module, from the root
    find: Text  # stands once in the module
    replace: str
    test: Annotated[str, Field(pattern=r"^snippets/\S+\.py::\w+$")]
    why: Text  # why somebody writes it
    cause: Text  # what goes wrong
    fix: Text


# ---- exercises -----------------------------------------------------------------------------------


class ExerciseRecord(Closed):
    """Front matter of exercises/<id>/exercise.md; the folder's name is the permanent id."""

    title: Text
    minutes: Minutes
    level: Annotated[int, Field(ge=1, le=5)]
    roles: Annotated[list[Role], Field(min_length=1)]
    chapters: Annotated[list[Slug], Field(min_length=1)]  # subjects that it practises
    summary: Annotated[str, Field(min_length=1, max_length=160)]
    snippet: Text | None = None  # the library's version of the same


class Mistake(Closed):
    """A wrong solution that the tests catch, in the exercise's faults.yml."""

    id: Slug
    find: Text  # stands once in solution.py
    replace: str
    test: Annotated[str, Field(pattern=r"^test_\w+$")]
    why: Text  # why somebody writes it
    cause: Text  # what goes wrong
    fix: Text


# ---- data ----------------------------------------------------------------------------------------


class Term(Closed):
    """An entry of the glossary."""

    term: Text
    aliases: list[Text] = []  # other names in prose; capitals only where they are always capitals
    definition: Text  # one or two sentences
    where: Text  # page under docs/ or slug of a chapter, with #section
    see: list[Text] = []  # other terms
    link: bool = True  # whether prose links its first use in a section


class Source(Closed):
    title: Text
    authors: Annotated[list[Text], Field(min_length=1)]  # family names or an organisation
    year: Annotated[int, Field(ge=1900, le=2100)]
    url: Annotated[str, Field(pattern=r"^https?://\S+$")]
    kind: SourceKind
    accessed: date
    note: Text | None = None


class Origin(Closed):
    """Where a record was read."""

    title: Text
    url: Annotated[str, Field(pattern=r"^https?://\S+$")] | None = None


class LinearAttention(Closed):
    """Shape of the linear-attention layers of a hybrid."""

    conv: int | None = None
    head_dim: int | None = None
    heads: int | None = None
    key_dim: int | None = None
    key_heads: int | None = None
    value_dim: int | None = None
    value_heads: int | None = None


class Attention(Closed):
    kind: Literal[
        "mha", "gqa", "mqa", "mla", "mla+sparse(DSA)", "gqa+block-sparse", "csa/hca (shared-KV MQA)",
        "hybrid-linear", "hybrid-mamba2", "see source",
    ]  # fmt: skip
    pattern: str | None = None
    window: int | None = None
    full_attention_layers: int | None = None
    full_layers: int | None = None
    linear_layers: int | None = None
    mamba_layers: int | None = None
    kv_shared_layers: int | None = None
    linear: LinearAttention | None = None
    logit_softcap: float | None = None
    final_softcap: float | None = None
    output_gate: bool | None = None
    qk_l2norm: bool | None = None


class Indexer(Closed):
    head_dim: int
    n_heads: int
    topk: int


class LatentShape(Closed):
    kv_lora_rank: int | None = None
    q_lora_rank: int | None = None
    qk_nope_head_dim: int | None = None
    qk_rope_head_dim: int | None = None
    v_head_dim: int | None = None
    o_groups: int | None = None
    o_lora_rank: int | None = None
    output_gate: bool | None = None
    indexer: Indexer | None = None


class Experts(Closed):
    n_experts: int
    n_active: int
    n_shared: int | None = None
    d_ff_expert: int | None = None
    d_ff_shared: int | None = None
    first_dense_layers: int | None = None
    layer_step: int | None = None
    hash_layers: int | None = None
    latent_size: int | None = None
    routed_scaling: float | None = None
    router: str | None = None
    router_bias: bool | None = None


class Scaling(Closed):
    type: Literal["llama3", "linear", "yarn"]
    factor: float
    original_max_position: int | None = None
    low_freq_factor: float | None = None
    high_freq_factor: float | None = None
    applies_to: str | None = None


class Position(Closed):
    type: str
    rope_theta: float | None = None
    rope_theta_local: float | None = None
    compress_rope_theta: float | None = None
    partial_rotary_factor: float | None = None
    partial_rotary_factor_global: float | None = None
    rope_dims: int | None = None
    rotary_dim: int | None = None
    num_buckets: int | None = None
    max_distance: int | None = None
    scaling: Scaling | None = None
    note: str | None = None


class Computed(Closed):
    """An independent count of the parameters."""

    method: str
    total: int
    non_embedding: int | None = None
    embedding: int | None = None
    lm_head: int | None = None
    active_incl_embedding: int | None = None
    active_matmul: int | None = None
    active_non_embedding: int | None = None
    effective: int | None = None
    kv_cache_elements_per_token_full: int | None = None
    hf_meta_total: int | None = None


class Agreement(Closed):
    """How the count compares with what the vendor says."""

    status: Literal["match", "off >1%", "n/a"]
    delta_total_pct: float | None = None
    delta_active_pct_best_definition: float | None = None
    why: str | None = None


class ModelRecord(Closed):
    """One model's shape: docs/data/models/<name>.yml."""

    name: Text
    hf_id: str | None = None
    year: int
    architecture: str | None = None
    n_layers: int
    n_decoder_layers: int | None = None
    d_model: int
    n_heads: int
    n_kv_heads: int
    n_kv_heads_global: int | None = None
    n_kv_heads_swa: int | None = None
    head_dim: int | None = None
    global_head_dim: int | None = None
    v_head_dim: int | None = None
    d_ff: int | None = None
    d_ff_kv_shared: int | None = None
    ffn: str | None = None
    per_layer_input_dim: int | None = None
    vocab_size: int
    tied_embeddings: bool | None = None
    position: Position | None = None
    learned_positions: int | None = None
    max_context: int | None = None
    max_context_note: str | None = None
    norm: Literal["layernorm", "rmsnorm"] | None = None
    norm_placement: str | None = None
    norms_per_layer: int | None = None
    final_norm: bool | None = None
    qk_norm: Literal["per_head", "full"] | None = None
    qkv_bias: bool | None = None
    o_bias: bool | None = None
    mlp_bias: bool | None = None
    attn_sinks: bool | None = None
    attention: Attention
    mla: LatentShape | None = None
    moe: Experts | None = None
    extra_params: int | None = None
    extra_params_note: str | None = None
    checkpoint_format: str | None = None
    published_total_params: str | None = None
    published_total_value: float | None = None
    published_active_params: str | None = None
    published_active_value: float | None = None
    published_non_embedding: str | None = None
    source: Annotated[list[Origin], Field(min_length=1)]
    source_published: list[Origin] | None = None
    as_of: date
    computed: Computed | None = None
    check: Agreement | None = None
    confidence: str | None = None
    note: str | None = None
    also: list[dict[str, Any]] | None = None  # fields as other sources have them


class SparseHeadline(Closed):
    bf16: float | None = None
    fp8: float | None = None
    fp4: float | None = None


class Price(Closed):
    usd_per_hour: float
    date: date
    source: Text | None = None
    decay_per_year: float | None = None
    note: str | None = None


class HardwareRecord(Closed):
    """One accelerator, dense peaks in TFLOP/s: docs/data/hardware/<name>.yml."""

    name: Text
    arch: str | None = None
    bf16: float
    fp8: float | None = None
    fp6: float | None = None
    fp4: float | None = None
    int8: float | None = None
    fp16_fp16acc: float | None = None
    fp8_fp16acc: float | None = None
    mem_GB: float
    mem: str | None = None
    bw_GBps: float
    nvlink_GBps: float | None = None
    link_GBps: float | None = None
    ici_GBps: float | None = None
    tdp_W: float | None = None
    mamf_bf16: float | None = None
    vendor_sparse_headline: SparseHeadline | None = None
    price: Price | list[Price] | None = None
    source: Annotated[list[Origin], Field(min_length=1)]
    as_of: date
    confidence: str | None = None
    note: str | None = None
    mem_note: str | None = None
    bw_note: str | None = None
    fp4_note: str | None = None
    nvlink_note: str | None = None
    link_note: str | None = None
    ici_note: str | None = None
    tdp_note: str | None = None
    also: list[dict[str, Any]] | None = None
