/* How transformers on PyTorch is measured in the same way. */
#include "cli/bench-torch.h"

#include "cli/bench-run.h"

/* generate () is what people call; one token of it is the encoder and the prefill, and what more of
 * them take is the decoding. Drawing billions of random numbers as the library does takes minutes,
 * so that it is kept from that, and a million of them are repeated. The peak is that of computing:
 * before it, everything is in memory once. */
static const char program[] =
    "\n"
    "torch.set_num_threads(n_threads)\n"
    "torch.set_default_dtype(dtype)\n"
    "for name in ('normal_', 'uniform_', 'kaiming_uniform_', 'xavier_uniform_', 'trunc_normal_'):\n"
    "    setattr(torch.nn.init, name, lambda tensor, *arguments, **options: tensor)\n"
    "import transformers\n"
    "from transformers import PaliGemmaConfig, PaliGemmaForConditionalGeneration\n"
    "\n"
    "n_image = (vision['image_size'] // vision['patch_size']) ** 2\n"
    "config = PaliGemmaConfig(vision_config=vision, text_config=text, image_token_index=image_id,\n"
    "                         projection_dim=text['hidden_size'], vocab_size=text['vocab_size'])\n"
    "model = PaliGemmaForConditionalGeneration(config).eval()\n"
    "some = torch.randn(1 << 20) * 0.02\n"
    "with torch.no_grad():\n"
    "    for parameter in model.parameters():\n"
    "        for part in parameter.view(-1).split(len(some)):\n"
    "            part.copy_(some[:len(part)])\n"
    "pixels = torch.rand(1, 3, vision['image_size'], vision['image_size']) * 2 - 1\n"
    "ids = torch.tensor([[image_id] * n_image + [2] + [3] * (n_prompt - 1)])\n"
    "\n"
    "def generate(n):\n"
    "    model.generate(input_ids=ids, pixel_values=pixels, attention_mask=torch.ones_like(ids),\n"
    "                   max_new_tokens=n, min_new_tokens=n, do_sample=False)\n"
    "\n"
    "def best(function, *arguments):\n"
    "    seconds = []\n"
    "    for _ in range(n_repeats):\n"
    "        start = time.perf_counter()\n"
    "        function(*arguments)\n"
    "        seconds.append(time.perf_counter() - start)\n"
    "    return min(seconds)\n"
    "\n"
    "with torch.inference_mode():\n"
    "    encoder = best(model.get_image_features, pixels)\n"
    "    first = best(generate, 1)\n"
    "    step = (best(generate, n_tokens + 1) - first) / n_tokens\n"
    "print(json.dumps({'torch': torch.__version__, 'transformers': transformers.__version__,\n"
    "                  'threads': n_threads, 'weights': str(dtype),\n"
    "                  'encoder': {'seconds': encoder}, 'prefill': {'seconds': first - encoder},\n"
    "                  'decode': {'seconds_per_token': step},\n"
    "                  'peak_rss_bytes': "
    "resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}))\n";

static const char *
get_torch_type (GlossDtype dtype)
{
  return dtype == GLOSS_DTYPE_F32   ? "torch.float32"
         : dtype == GLOSS_DTYPE_F16 ? "torch.float16"
                                    : "torch.bfloat16";
}

char *
gloss_bench_make_torch_command (const GlossModelConfig *config, GlossDtype dtype, guint n_threads,
                                guint n_tokens, guint n_repeats)
{
  g_autofree char *vision = g_strdup_printf (
      "{'model_type': 'siglip_vision_model', 'hidden_size': %zu, 'num_hidden_layers': %zu,\n"
      "          'intermediate_size': %zu, 'num_attention_heads': %zu, 'patch_size': %zu,\n"
      "          'image_size': %zu, 'projection_dim': %zu, 'vision_use_head': False}",
      config->vit_width, config->vit_depth, config->vit_mlp_dim, config->vit_n_heads,
      config->patch_size_px, gloss_model_config_get_image_size_px (config), config->width);
  /* the query scale of the 28B is not that of its head dimension */
  g_autofree char *text = g_strdup_printf (
      "{'model_type': '%s', 'hidden_size': %zu, 'num_hidden_layers': %zu,\n"
      "        'intermediate_size': %zu, 'num_attention_heads': %zu, 'num_key_value_heads': %zu,\n"
      "        'head_dim': %zu, 'vocab_size': %zu, 'hidden_activation': 'gelu_pytorch_tanh'}",
      config->is_gemma2 ? "gemma2" : "gemma", config->width, config->depth, config->mlp_dim,
      config->n_heads, config->n_kv_heads, config->head_dim, config->n_table_rows);

  /* Hugging Face's image token is the first behind the tokenizer's pieces, 64 rows before the end
   */
  return g_strdup_printf ("OMP_NUM_THREADS=%u HF_HUB_OFFLINE=1 python3 - <<'EOF'\n"
                          "import json, resource, time\n"
                          "import torch\n"
                          "n_threads, n_tokens, n_repeats, n_prompt = %u, %u, %u, %u\n"
                          "dtype, image_id = %s, %zu\n"
                          "vision = %s\n"
                          "text = %s\n"
                          "%sEOF\n",
                          n_threads, n_threads, n_tokens, n_repeats, GLOSS_BENCH_PROMPT_TOKENS,
                          get_torch_type (dtype), config->n_table_rows - 64, vision, text, program);
}
