# The built-in specs, by hand; paths relative to this folder. They are embedded
# into the library in this order.
set(VITALIS_SPECS
	families/gemma.yaml
	families/gemma2.yaml
	families/glm4.yaml
	families/granite.yaml
	families/llama.yaml
	families/mistral.yaml
	families/olmo2.yaml
	families/phi3.yaml
	families/qwen2.yaml
	families/qwen3.yaml
	families/smollm3.yaml
	families/starcoder2.yaml
)
