/* One column of every cue through all layers of the decoder: what a processor spends its time on.

   A step reads every weight once and uses it for a few rows, so it is as fast as memory is. It is
   a list of phases (a product with a matrix, an attention, a norm), each cut into chunks of work.
   The threads of a team claim chunks, and whoever finishes the last one of a phase opens the next.
   Nobody waits for a thread, only for claimed work: where another program takes a core away, the
   others do what is left. What is in a chunk is computed by one thread in a fixed order, so that
   a result depends neither on the threads nor on the other rows. */

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* -- eight numbers at a time ------------------------------------------------------------------- */

typedef float f8 __attribute__((vector_size(32), aligned(4), may_alias));
typedef float f4 __attribute__((vector_size(16), aligned(4), may_alias));
typedef int32_t i8 __attribute__((vector_size(32), aligned(4), may_alias));
typedef int32_t i4 __attribute__((vector_size(16), aligned(4), may_alias));
typedef int8_t b32 __attribute__((vector_size(32), aligned(1), may_alias));
typedef int8_t b8 __attribute__((vector_size(8), aligned(1), may_alias));

#define INLINE static inline __attribute__((always_inline))

#if defined(__AVX2__) && defined(__FMA__) && defined(__F16C__)
#include <immintrin.h>
INLINE f8 load_half(const uint16_t *from) {
    return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)from));
}
INLINE void store_half(uint16_t *to, f8 x) {
    _mm_storeu_si128((__m128i *)to, _mm256_cvtps_ph(x, _MM_FROUND_TO_NEAREST_INT));
}
INLINE f8 load_bfloat(const uint16_t *from) {
    return (f8)_mm256_slli_epi32(_mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)from)), 16);
}
/* Products of 32 numbers from -127 to 127: so no pair of them overflows sixteen bits. */
INLINE i8 add_products(i8 total, const int8_t *weights, const int8_t *x) {
    __m256i w = _mm256_loadu_si256((const __m256i *)weights);
    __m256i signed_x = _mm256_sign_epi8(_mm256_loadu_si256((const __m256i *)x), w);
    __m256i pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(w), signed_x);
    return total + (i8)_mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
}
#define RELAX() _mm_pause()
#elif defined(__aarch64__)
typedef uint16_t u8 __attribute__((vector_size(16), aligned(2), may_alias));
typedef __fp16 h8 __attribute__((vector_size(16), aligned(2), may_alias));
INLINE f8 load_half(const uint16_t *from) { return __builtin_convertvector(*(h8 *)from, f8); }
INLINE void store_half(uint16_t *to, f8 x) { *(h8 *)to = __builtin_convertvector(x, h8); }
INLINE f8 load_bfloat(const uint16_t *from) {
    return (f8)(__builtin_convertvector(*(const u8 *)from, i8) << 16);
}
INLINE i8 add_products(i8 total, const int8_t *weights, const int8_t *x) {
    for (int i = 0; i < 32; i++) total[i / 4] += weights[i] * x[i];
    return total;
}
#define RELAX() __asm__ volatile("yield")
#else
#error "this processor has no fast conversion of 16-bit floats"
#endif

INLINE f8 load(const float *from) { return *(const f8 *)from; }
INLINE void store(float *to, f8 x) { *(f8 *)to = x; }
INLINE f8 all(float x) { return (f8){x, x, x, x, x, x, x, x}; }

INLINE f8 larger(f8 a, f8 b) {
    i8 takes_a = a > b;
    return (f8)((takes_a & (i8)a) | (~takes_a & (i8)b));
}
INLINE f8 smaller(f8 a, f8 b) { return -larger(-a, -b); }

INLINE float sum(f8 x) {
    return ((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7]));
}

/* The sums of four vectors at once, each in the order of sum(). */
#define LOW(x) __builtin_shufflevector(x, x, 0, 1, 2, 3)
#define HIGH(x) __builtin_shufflevector(x, x, 4, 5, 6, 7)
#define SUMS(NAME, EIGHT, FOUR)                                                             \
    INLINE FOUR NAME(EIGHT a, EIGHT b, EIGHT c, EIGHT d) {                                  \
        FOUR p = LOW(a) + HIGH(a), q = LOW(b) + HIGH(b);                                    \
        FOUR r = LOW(c) + HIGH(c), s = LOW(d) + HIGH(d);                                    \
        FOUR pq = __builtin_shufflevector(p, q, 0, 1, 4, 5)                                 \
                + __builtin_shufflevector(p, q, 2, 3, 6, 7);                                \
        FOUR rs = __builtin_shufflevector(r, s, 0, 1, 4, 5)                                 \
                + __builtin_shufflevector(r, s, 2, 3, 6, 7);                                \
        return __builtin_shufflevector(pq, rs, 0, 2, 4, 6)                                  \
             + __builtin_shufflevector(pq, rs, 1, 3, 5, 7);                                 \
    }
SUMS(sums, f8, f4)
SUMS(whole_sums, i8, i4)
#undef SUMS
#undef HIGH
#undef LOW

/* e to the power of x, for x up to 0: a power of two, and the series of what is left. */
INLINE f8 exponential(f8 x) {
    x = larger(x, all(-87.0f));
    f8 shifted = x * 1.44269504f + 12582912.0f; /* rounds to a whole number, in the last bits */
    f8 whole = shifted - 12582912.0f;
    f8 rest = x - whole * 0.693145752f - whole * 1.42860677e-6f;
    f8 series = all(1.0f / 5040);
    series = series * rest + 1.0f / 720;
    series = series * rest + 1.0f / 120;
    series = series * rest + 1.0f / 24;
    series = series * rest + 1.0f / 6;
    series = series * rest + 0.5f;
    series = series * rest + 1.0f;
    series = series * rest + 1.0f;
    return (f8)((i8)series + (__builtin_convertvector(whole, i8) << 23));
}

/* x times the share of a normal distribution below x. The error function is a quotient of
   polynomials of z squared, fitted to 5e-8 of it for z up to 3.92, where it is 1. */
INLINE f8 gelu(f8 x) {
    f8 z = larger(smaller(x * 0.707106781f, all(3.92f)), all(-3.92f)), u = z * z;
    f8 over = all(1.992421027e-8f);
    over = over * u - 1.957829752e-6f;
    over = over * u + 1.418497139e-4f;
    over = over * u + 3.701584737e-3f;
    over = over * u + 5.057325722e-2f;
    over = over * u + 1.999239754e-1f;
    over = over * u + 1.128379109f;
    f8 under = all(9.560324972e-4f);
    under = under * u + 1.435315679e-2f;
    under = under * u + 1.149981869e-1f;
    under = under * u + 5.105096656e-1f;
    under = under * u + 1.0f;
    return x * 0.5f * (z * over / under + 1.0f);
}

/* -- the model and its rows --------------------------------------------------------------------- */

enum { HEAD = 64, TILE = 4, BLOCK = 1024, BAND = 48, PASS = 3 };
enum { FLOAT32, FLOAT16, BFLOAT16, INT8 };
static const int32_t WEIGHT_BYTES[] = {4, 2, 2, 1};

/* Outputs lie in tiles of four, and a tile has eight inputs of each in turn (32 of whole numbers):
   a chunk of outputs is read from front to back. */
typedef struct {
    const void *weights;
    const float *scales; /* one an output, or NULL */
    int32_t kind, outs, ins, unused;
} Matrix;

typedef struct {
    const float *weight, *bias;
} Norm;

typedef struct {
    Norm norm, text_norm, wide_norm;
    Matrix query_key_value, out, text_query, text_out, widen, narrow;
} Layer;

typedef struct {
    const Layer *layer;
    Norm norm;
    Matrix logits;
    int32_t layers, width, heads, wide, halves; /* halves: 16-bit keys and values */
} Model;

/* A branch of a cue. Keys and values are those of the first layer, places in a row within a head;
   strides are in bytes. A branch without text has none, and comes after those that have one. */
typedef struct {
    char *keys, *values;
    int64_t layer_stride, head_stride, position;
    const float *text_keys, *text_values; /* (layers, heads, tokens, head) */
    int64_t tokens;
} Row;

typedef struct Phase Phase;
struct Phase {
    void (*run)(const Phase *, int32_t chunk);
    int32_t chunks, chunk_size, rows, layer, width;
    const float *from;
    float *to;
    int32_t from_stride, to_stride;
    int8_t *rounded; /* from in whole numbers, and what one of them is worth in each row */
    float *steps;
    const Matrix *matrix;
    const Norm *norm;
    const Model *model;
    const Row *row;
};

/* -- what a phase does -------------------------------------------------------------------------- */

static void normalise(const Phase *p, int32_t row) {
    int32_t width = p->width;
    const float *x = p->from + (int64_t)row * width;
    float *y = p->to + (int64_t)row * width;
    f8 total = all(0), squares = all(0);
    for (int32_t i = 0; i < width; i += 8) total += load(x + i);
    f8 mean = all(sum(total) / (float)width);
    for (int32_t i = 0; i < width; i += 8) {
        f8 off = load(x + i) - mean;
        squares += off * off;
    }
    f8 scale = all(1.0f / __builtin_sqrtf(sum(squares) / (float)width + 1e-5f));
    for (int32_t i = 0; i < width; i += 8)
        store(y + i, (load(x + i) - mean) * scale * load(p->norm->weight + i)
                         + load(p->norm->bias + i));
}

/* A row in whole numbers from -127 to 127. */
static void round_row(const Phase *p, int32_t row) {
    int32_t ins = p->matrix->ins;
    const float *x = p->from + (int64_t)row * ins;
    int8_t *whole = p->rounded + (int64_t)row * ins;
    f8 largest = all(1e-8f);
    for (int32_t i = 0; i < ins; i += 8) largest = larger(largest, larger(load(x + i), -load(x + i)));
    for (int i = 1; i < 8; i++) largest[0] = largest[i] > largest[0] ? largest[i] : largest[0];
    float step = largest[0] / 127;
    p->steps[row] = step;
    for (int32_t i = 0; i < ins; i += 8) {
        i8 shifted = (i8)(load(x + i) * (1 / step) + 12582912.0f); /* in its last bits */
        b32 bytes = (b32)shifted;
        *(b8 *)(whole + i) = __builtin_shufflevector(bytes, bytes, 0, 4, 8, 12, 16, 20, 24, 28);
    }
}

/* Some rows times the four outputs of a tile: every weight that is loaded serves all the rows.
   Meanwhile what will be read next is fetched, a part of it in each pass over the tile. */
#define DOT(NAME, ROWS, TYPE, LOAD)                                                               \
    static void NAME(const float *x, int32_t stride, const void *weights, int32_t ins,            \
                     const char *next, int32_t next_step, float (*result)[TILE]) {                \
        const TYPE *tile = weights;                                                               \
        f8 total[ROWS][TILE];                                                                     \
        for (int r = 0; r < ROWS; r++)                                                            \
            for (int j = 0; j < TILE; j++) total[r][j] = all(0);                                  \
        for (int32_t i = 0; i < ins; i += 8, next += next_step) {                                 \
            __builtin_prefetch(next);                                                             \
            if (sizeof(TYPE) == 4) __builtin_prefetch(next + 64);                                 \
            for (int j = 0; j < TILE; j++) {                                                      \
                f8 weight = LOAD(tile + TILE * i + 8 * j);                                        \
                for (int r = 0; r < ROWS; r++)                                                    \
                    total[r][j] += weight * load(x + (int64_t)r * stride + i);                    \
            }                                                                                     \
        }                                                                                         \
        for (int r = 0; r < ROWS; r++)                                                            \
            *(f4 *)result[r] += sums(total[r][0], total[r][1], total[r][2], total[r][3]);         \
    }
#define DOTS(NAME, TYPE, LOAD) \
    DOT(NAME##_1, 1, TYPE, LOAD) DOT(NAME##_2, 2, TYPE, LOAD) DOT(NAME##_3, 3, TYPE, LOAD)
DOTS(dot_float, float, load)
DOTS(dot_half, uint16_t, load_half)
DOTS(dot_bfloat, uint16_t, load_bfloat)
#undef DOTS
#undef DOT

typedef void Dot(const float *, int32_t, const void *, int32_t, const char *, int32_t,
                 float (*)[TILE]);
static Dot *const DOT_OF[][PASS] = {{dot_float_1, dot_float_2, dot_float_3},
                                    {dot_half_1, dot_half_2, dot_half_3},
                                    {dot_bfloat_1, dot_bfloat_2, dot_bfloat_3}};

/* All rows times a tile. Where they need several passes, 16-bit weights are widened once. */
INLINE void dot(const Matrix *m, int32_t rows, const float *x, int32_t stride, const char *weights,
                int32_t ins, const char *next, float (*result)[TILE]) {
    float room[TILE * BLOCK];
    int32_t kind = m->kind, passes = (rows + PASS - 1) / PASS;
    int32_t part = TILE * ins * WEIGHT_BYTES[kind] / passes, step = part / (ins / 8);
    if (passes > 1 && kind != FLOAT32) {
        for (int32_t i = 0; i < TILE * ins; i += 8) {
            const uint16_t *from = (const uint16_t *)weights + i;
            store(room + i, kind == FLOAT16 ? load_half(from) : load_bfloat(from));
        }
        weights = (const char *)room;
        kind = FLOAT32;
    }
    for (; rows > 0; rows -= PASS, x += PASS * (int64_t)stride, result += PASS, next += part)
        DOT_OF[kind][(rows < PASS ? rows : PASS) - 1](x, stride, weights, ins, next, step, result);
}

/* Whole numbers: what is summed has no rounding, so the order does not matter. */
#define DOT(ROWS)                                                                                 \
    static void dot_whole_##ROWS(const int8_t *x, int32_t stride, const int8_t *tile,             \
                                 int32_t ins, const char *next, int32_t next_step,                \
                                 int32_t (*result)[TILE]) {                                       \
        i8 total[ROWS][TILE];                                                                     \
        memset(total, 0, sizeof total);                                                           \
        for (int32_t i = 0; i < ins; i += 32, next += next_step) {                                \
            __builtin_prefetch(next);                                                             \
            __builtin_prefetch(next + 64);                                                        \
            for (int j = 0; j < TILE; j++)                                                        \
                for (int r = 0; r < ROWS; r++)                                                    \
                    total[r][j] = add_products(total[r][j], tile + TILE * i + 32 * j,             \
                                               x + (int64_t)r * stride + i);                      \
        }                                                                                         \
        for (int r = 0; r < ROWS; r++)                                                            \
            *(i4 *)result[r] = whole_sums(total[r][0], total[r][1], total[r][2], total[r][3]);    \
    }
DOT(1)
DOT(2)
DOT(3)
#undef DOT

INLINE void dot_whole(int32_t rows, const int8_t *x, int32_t stride, const int8_t *weights,
                      int32_t ins, const char *next, int32_t (*result)[TILE]) {
    int32_t passes = (rows + PASS - 1) / PASS, part = TILE * ins / passes, step = part / (ins / 32);
    for (; rows > 0; rows -= PASS, x += PASS * (int64_t)stride, result += PASS, next += part) {
        if (rows >= 3) dot_whole_3(x, stride, weights, ins, next, step, result);
        if (rows == 2) dot_whole_2(x, stride, weights, ins, next, step, result);
        if (rows == 1) dot_whole_1(x, stride, weights, ins, next, step, result);
    }
}

enum { SET, ADD, GELU };

INLINE void put(float *to, f4 x, int how) {
    if (how == ADD) x += *(f4 *)to;
    *(f4 *)to = x;
}

INLINE void multiply(const Phase *p, int32_t chunk, int how) {
    const Matrix *m = p->matrix;
    int32_t begin = chunk * p->chunk_size, end = begin + p->chunk_size;
    if (end > m->outs) end = m->outs;
    int64_t tile_bytes = (int64_t)TILE * m->ins * WEIGHT_BYTES[m->kind];
    const char *last = (const char *)m->weights + (end / TILE - 1) * tile_bytes;
    for (int32_t out = begin; out < end; out += TILE)
        for (int32_t first = 0; first < p->rows; first += BAND) {
            int32_t rows = p->rows - first < BAND ? p->rows - first : BAND;
            const char *tile = (const char *)m->weights + out / TILE * tile_bytes;
            float *to = p->to + (int64_t)first * p->to_stride + out;
            if (m->kind == INT8) {
                int32_t result[BAND][TILE];
                dot_whole(rows, p->rounded + (int64_t)first * m->ins, m->ins, (const int8_t *)tile,
                          m->ins, tile < last ? tile + tile_bytes : tile, result);
                for (int32_t r = 0; r < rows; r++, to += p->to_stride) {
                    f4 x = __builtin_convertvector(*(i4 *)result[r], f4);
                    put(to, x * *(f4 *)(m->scales + out) * p->steps[first + r], how);
                }
            } else {
                float result[BAND][TILE];
                memset(result, 0, sizeof result);
                for (int32_t in = 0; in < m->ins; in += BLOCK) {
                    int32_t ins = m->ins - in < BLOCK ? m->ins - in : BLOCK;
                    const char *here = tile + (int64_t)TILE * in * WEIGHT_BYTES[m->kind];
                    int64_t here_bytes = (int64_t)TILE * ins * WEIGHT_BYTES[m->kind];
                    dot(m, rows, p->from + (int64_t)first * m->ins + in, m->ins, here, ins,
                        here < last ? here + here_bytes : here, result);
                }
                for (int32_t r = 0; r < rows; r++, to += p->to_stride)
                    put(to, *(f4 *)result[r], how);
            }
        }
    if (how == GELU)
        for (int32_t r = 0; r < p->rows; r++)
            for (int32_t out = begin; out < end; out += 8) {
                float *y = p->to + (int64_t)r * p->to_stride + out;
                store(y, gelu(load(y)));
            }
}
static void multiply_and_set(const Phase *p, int32_t chunk) { multiply(p, chunk, SET); }
static void multiply_and_add(const Phase *p, int32_t chunk) { multiply(p, chunk, ADD); }
static void multiply_and_gelu(const Phase *p, int32_t chunk) { multiply(p, chunk, GELU); }

/* Attend from one query to places of one head: a stretch of them at a time, with the largest score
   so far taken off all of them. */
INLINE void attend(const float *query, const char *keys, const char *values, int64_t places,
                   int halves, float *seen) {
    enum { STRETCH = 256 };
    const int64_t place_bytes = HEAD * (halves ? 2 : 4);
#define PART(from, place, i)                                                       \
    (halves ? load_half((const uint16_t *)((from) + (place) * place_bytes) + 8 * (i)) \
            : load((const float *)((from) + (place) * place_bytes) + 8 * (i)))
    float scores[STRETCH];
    f8 total[HEAD / 8], weight_sum = all(0), asked[HEAD / 8];
    float largest = -1e30f;
    for (int i = 0; i < HEAD / 8; i++) total[i] = all(0), asked[i] = load(query + 8 * i) * 0.125f;
    for (int64_t start = 0; start < places; start += STRETCH) {
        int64_t count = places - start < STRETCH ? places - start : STRETCH;
        f8 highest = all(largest);
        for (int64_t t = 0; t < count; t += 8) {
            for (int64_t u = t; u < t + 8; u += 4) {
                f8 dots[4];
                for (int j = 0; j < 4; j++) {
                    int64_t place = start + (u + j < count ? u + j : count - 1);
                    dots[j] = all(0);
                    for (int i = 0; i < HEAD / 8; i++) dots[j] += asked[i] * PART(keys, place, i);
                }
                *(f4 *)(scores + u) = sums(dots[0], dots[1], dots[2], dots[3]);
            }
            highest = larger(highest, load(scores + t)); /* past the end the last one again */
        }
        float before = largest;
        for (int j = 0; j < 8; j++) largest = highest[j] > largest ? highest[j] : largest;
        f8 shrink = all(exponential(all(before - largest))[0]);
        weight_sum *= shrink;
        for (int i = 0; i < HEAD / 8; i++) total[i] *= shrink;
        for (int64_t t = 0; t < count; t += 8) {
            store(scores + t, exponential(load(scores + t) - largest));
            for (int64_t u = count; u < t + 8; u++) scores[u] = 0;
            weight_sum += load(scores + t);
        }
        for (int64_t t = 0; t < count; t++)
            for (int i = 0; i < HEAD / 8; i++)
                total[i] += all(scores[t]) * PART(values, start + t, i);
    }
#undef PART
    f8 share = all(1.0f / sum(weight_sum));
    for (int i = 0; i < HEAD / 8; i++) store(seen + 8 * i, total[i] * share);
}

INLINE void keep(char *places, int64_t position, int halves, const float *x) {
    for (int i = 0; i < HEAD; i += 8)
        if (halves)
            store_half((uint16_t *)places + position * HEAD + i, load(x + i));
        else
            store((float *)places + position * HEAD + i, load(x + i));
}

/* One head of one row: keep its new key and value, and look at all places up to it. */
static void look_back(const Phase *p, int32_t chunk) {
    int32_t heads = p->model->heads, width = p->model->width, head = chunk % heads;
    const Row *row = p->row + chunk / heads;
    const float *query = p->from + (int64_t)(chunk / heads) * p->from_stride + head * HEAD;
    float *seen = p->to + (int64_t)(chunk / heads) * p->to_stride + head * HEAD;
    int64_t at = p->layer * row->layer_stride + head * row->head_stride;
    keep(row->keys + at, row->position, p->model->halves, query + width);
    keep(row->values + at, row->position, p->model->halves, query + 2 * width);
    if (p->model->halves)
        attend(query, row->keys + at, row->values + at, row->position + 1, 1, seen);
    else
        attend(query, row->keys + at, row->values + at, row->position + 1, 0, seen);
}

static void look_at_text(const Phase *p, int32_t chunk) {
    int32_t heads = p->model->heads, head = chunk % heads;
    const Row *row = p->row + chunk / heads;
    int64_t at = ((int64_t)p->layer * heads + head) * row->tokens * HEAD;
    attend(p->from + (int64_t)(chunk / heads) * p->from_stride + head * HEAD,
           (const char *)(row->text_keys + at), (const char *)(row->text_values + at), row->tokens,
           0, p->to + (int64_t)(chunk / heads) * p->to_stride + head * HEAD);
}

/* -- a team of threads -------------------------------------------------------------------------- */

enum { SPINS = 2000 }; /* some twenty microseconds; then a thread sleeps and leaves its core */

typedef struct {
    _Atomic uint64_t ticket; /* the phase's number, its chunks, and the next one: 32, 16, 16 bits */
    _Atomic uint32_t done, sleepers;
    const Phase *phases;
    uint32_t first, last; /* the numbers of the running list's phases */
    _Atomic int quits;
    int32_t helpers;
    pthread_t *helper;
    pthread_mutex_t lock, turn;
    pthread_cond_t changed;
} Team;

static uint32_t number_of(uint64_t ticket) { return (uint32_t)(ticket >> 32); }

static void open_phase(Team *team, uint32_t number) {
    uint64_t chunks = number == team->last ? 0 : team->phases[number - team->first].chunks;
    atomic_store(&team->done, 0);
    atomic_store(&team->ticket, (uint64_t)number << 32 | chunks << 16);
    if (atomic_load(&team->sleepers)) {
        pthread_mutex_lock(&team->lock);
        pthread_cond_broadcast(&team->changed);
        pthread_mutex_unlock(&team->lock);
    }
}

static void wait_for_other_than(Team *team, uint32_t number) {
    for (int i = 0; i < SPINS; i++) {
        if (number_of(atomic_load_explicit(&team->ticket, memory_order_acquire)) != number) return;
        RELAX();
    }
    pthread_mutex_lock(&team->lock);
    atomic_fetch_add(&team->sleepers, 1);
    while (number_of(atomic_load(&team->ticket)) == number && !team->quits)
        pthread_cond_wait(&team->changed, &team->lock);
    atomic_fetch_sub(&team->sleepers, 1);
    pthread_mutex_unlock(&team->lock);
}

/* Claim a chunk and do it; where the ticket tells of none, wait until it is another phase's. */
static void work(Team *team, uint64_t ticket) {
    uint32_t number = number_of(ticket), chunks = ticket >> 16 & 0xffff, chunk = ticket & 0xffff;
    if (chunk >= chunks) {
        wait_for_other_than(team, number);
        return;
    }
    if (!atomic_compare_exchange_weak(&team->ticket, &ticket, ticket + 1)) return;
    const Phase *phase = &team->phases[number - team->first];
    phase->run(phase, (int32_t)chunk);
    if (atomic_fetch_add(&team->done, 1) + 1 == chunks) open_phase(team, number + 1);
}

static void *help(void *team) {
    while (!atomic_load(&((Team *)team)->quits))
        work(team, atomic_load(&((Team *)team)->ticket));
    return NULL;
}

void team_free(Team *team) {
    pthread_mutex_lock(&team->lock);
    atomic_store(&team->quits, 1);
    pthread_cond_broadcast(&team->changed);
    pthread_mutex_unlock(&team->lock);
    for (int32_t i = 0; i < team->helpers; i++) pthread_join(team->helper[i], NULL);
    pthread_cond_destroy(&team->changed);
    pthread_mutex_destroy(&team->lock);
    pthread_mutex_destroy(&team->turn);
    free(team->helper);
    free(team);
}

/* Return a team of the calling thread and helpers, as many as the system gives; NULL: no memory. */
Team *team_new(int32_t threads) {
    Team *team = calloc(1, sizeof *team);
    if (!team || !(team->helper = calloc((size_t)threads, sizeof *team->helper))) {
        free(team);
        return NULL;
    }
    pthread_mutex_init(&team->lock, NULL);
    pthread_mutex_init(&team->turn, NULL);
    pthread_cond_init(&team->changed, NULL);
    while (team->helpers < threads - 1
           && !pthread_create(&team->helper[team->helpers], NULL, help, team))
        team->helpers++;
    return team;
}

/* Go through a list of phases, one caller after the other. */
static void go_through(Team *team, const Phase *phases, uint32_t count) {
    pthread_mutex_lock(&team->turn);
    uint32_t first = number_of(atomic_load(&team->ticket)) + 1;
    team->phases = phases;
    team->first = first;
    team->last = first + count;
    open_phase(team, first);
    for (uint64_t ticket; number_of(ticket = atomic_load(&team->ticket)) != team->last;)
        work(team, ticket);
    pthread_mutex_unlock(&team->turn);
}

/* -- what Python calls -------------------------------------------------------------------------- */

/* Where a step's numbers are while it lasts. */
typedef struct {
    float *normed, *qkv, *seen, *wide, *steps;
    int8_t *rounded;
} Room;

typedef struct {
    Phase *phases;
    int32_t count;
    const Room *room;
} List;

/* A chunk is some 128 KB of weights: enough to be read in one go, and few enough to share out. */
static void add_product(List *list, void (*run)(const Phase *, int32_t), const Matrix *m,
                        const float *from, float *to, int32_t rows) {
    int64_t outs = 131072 / ((int64_t)m->ins * WEIGHT_BYTES[m->kind]) / 8 * 8;
    int64_t least = (m->outs / 65535 + 8) / 8 * 8;
    if (outs < least) outs = least;
    Phase phase = {.run = run, .chunks = (int32_t)((m->outs + outs - 1) / outs),
                   .chunk_size = (int32_t)outs, .rows = rows, .from = from, .to = to,
                   .to_stride = m->outs, .matrix = m, .rounded = list->room->rounded,
                   .steps = list->room->steps};
    if (m->kind == INT8) {
        list->phases[list->count] = phase;
        list->phases[list->count].run = round_row;
        list->phases[list->count++].chunks = rows;
    }
    list->phases[list->count++] = phase;
}

static void add_norm(List *list, const Norm *norm, int32_t width, const float *from, int32_t rows) {
    list->phases[list->count++] =
        (Phase){.run = normalise, .chunks = rows, .width = width, .from = from,
                .to = list->room->normed, .norm = norm};
}

static void add_attention(List *list, void (*run)(const Phase *, int32_t), const Model *model,
                          int32_t layer, const Row *row, int32_t rows, int32_t from_stride) {
    list->phases[list->count++] =
        (Phase){.run = run, .chunks = rows * model->heads, .layer = layer,
                .from = list->room->qkv, .from_stride = from_stride, .to = list->room->seen,
                .to_stride = model->width, .model = model, .row = row};
}

/* from, (rows, ins), times a matrix. steps is (rows), rounded (rows, ins): only for whole numbers. */
void team_multiply(Team *team, const Matrix *m, const float *from, float *to, int32_t rows,
                   float *steps, int8_t *rounded) {
    Room room = {.steps = steps, .rounded = rounded};
    Phase phases[2];
    List list = {phases, 0, &room};
    add_product(&list, multiply_and_set, m, from, to, rows);
    go_through(team, phases, (uint32_t)list.count);
}

/* Bring x, (rows, width), through the model: logits are (rows, outs). Rows with a text come first.
   floats is (rows, 5 * width + wide + 1), bytes (rows, width or wide, whatever is more). Returns 0,
   or 1 where there is no memory for the list. */
int32_t team_step(Team *team, const Model *model, const Row *row, int32_t rows, int32_t texts,
                  float *x, float *floats, int8_t *bytes, float *logits) {
    enum { MOST_IN_LAYER = 17, MOST_AFTER = 3 };
    int32_t width = model->width;
    int64_t plane = (int64_t)rows * width;
    Room room = {floats, floats + plane, floats + 4 * plane, floats + 5 * plane,
                 floats + 5 * plane + (int64_t)rows * model->wide, bytes};
    Phase *phases = malloc(sizeof *phases * (MOST_IN_LAYER * (size_t)model->layers + MOST_AFTER));
    if (!phases) return 1;
    List list = {phases, 0, &room};
    for (int32_t layer = 0; layer < model->layers; layer++) {
        const Layer *l = model->layer + layer;
        add_norm(&list, &l->norm, width, x, rows);
        add_product(&list, multiply_and_set, &l->query_key_value, room.normed, room.qkv, rows);
        add_attention(&list, look_back, model, layer, row, rows, 3 * width);
        add_product(&list, multiply_and_add, &l->out, room.seen, x, rows);
        if (texts) {
            add_norm(&list, &l->text_norm, width, x, texts);
            add_product(&list, multiply_and_set, &l->text_query, room.normed, room.qkv, texts);
            add_attention(&list, look_at_text, model, layer, row, texts, width);
            add_product(&list, multiply_and_add, &l->text_out, room.seen, x, texts);
        }
        add_norm(&list, &l->wide_norm, width, x, rows);
        add_product(&list, multiply_and_gelu, &l->widen, room.normed, room.wide, rows);
        add_product(&list, multiply_and_add, &l->narrow, room.wide, x, rows);
    }
    add_norm(&list, &model->norm, width, x, rows);
    add_product(&list, multiply_and_set, &model->logits, room.normed, logits, rows);
    go_through(team, phases, (uint32_t)list.count);
    free(phases);
    return 0;
}
