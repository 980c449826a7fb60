"""Fifty conversations for a template, the same every time: good ones, and ones
with each of the faults that real data have."""
import random

TEXTS = [
	"How long does boiled water keep?", "  Keep it covered.  ", "", "Wie spät ist es? Ende.\n",
	"東京の天気は？", "🚑 ambulance\u200d, naïve café", "a\r\nb\tc", "<|im_end|>", "{\"k\": [1, 2.50]}",
	"Quote \"this\" and 'that' \\ here", "line one\n\nline three", "x" * 300, "<think>\nhm\n</think>\n\nYes.",
	"</think>", "\u00a0\u2003wide\u3000", "0", "e\u0301 combining", "<tool_response>42</tool_response>",
	"<result>42</result>",
]

TOOLS = [
	{"type": "function", "function": {
		"name": "find_shelter", "description": "Finds a shelter near a place.",
		"parameters": {"type": "object", "required": ["place"], "properties": {
			"place": {"type": "string", "description": "Town, or \"lat,lon\""},
			"beds": {"type": "integer", "default": 2},
			"kind": {"type": "string", "enum": ["tent", "hall"], "default": "hall"},
			"tags": {"type": "array", "items": {"type": "string"}, "nullable": True},
			"area": {"type": "object", "required": ["lat"], "properties": {
				"lat": {"type": "number"}, "lon": {"type": ["number", "null"]}}},
			"when": {"oneOf": [{"type": "string", "description": "a date"},
					   {"type": "integer", "default": 0}]},
			"notes": {"type": "object", "additionalProperties": {"type": "array",
										"items": {"type": "boolean"}}}}}}},
	{"type": "function", "function": {"name": "ping", "description": "Answers.",
					  "parameters": {"type": "object", "properties": {}}}},
	{"type": "function", "function": {"name": "größe", "description": "Maß é",
					  "parameters": {"type": "object", "properties": {
						  "wert": {"type": "number", "default": 1.5}}},
					  "return": {"type": "number"}}},
]


def call(r, n):
	arguments = r.choice([{"place": "Köln", "beds": 3}, {"place": "A", "area": {"lat": 1.0, "lon": None}},
			      {}, "{\"place\": \"text\"}", {"tags": ["a", "b"], "big": 12345678901234567890}])
	made = {"type": "function", "function": {"name": r.choice(["find_shelter", "ping", "code"]),
						 "arguments": arguments}}
	if r.random() < 0.8:
		made["id"] = r.choice(["abcDEF%03d" % n, "short"]) if r.random() < 0.3 else "abcDEF%03d" % n
	return made


def good_messages(r):
	messages = []
	if r.random() < 0.5:
		messages.append({"role": "system", "content": r.choice(TEXTS)})
	for n in range(r.randint(1, 4)):
		messages.append({"role": "user", "content": r.choice(TEXTS)})
		if r.random() < 0.35:
			asked = {"role": "assistant", "tool_calls": [call(r, n) for _ in range(r.choice([1, 1, 2]))]}
			content = r.choice(["none", "absent", "text"])
			if content != "absent":
				asked["content"] = None if content == "none" else r.choice(TEXTS)
			messages.append(asked)
			for _ in asked["tool_calls"]:
				messages.append({"role": "tool", "content": r.choice(
					[r.choice(TEXTS), r.choice(TEXTS), {"content": "ok"}, [1, "x"], 4.0]),
						 "tool_call_id": "abcDEF%03d" % n})
		answer = {"role": "assistant", "content": r.choice(TEXTS)}
		if r.random() < 0.3:
			answer[r.choice(["reasoning_content", "thinking"])] = r.choice(TEXTS + [None])
		messages.append(answer)
	if r.random() < 0.3:
		messages.pop()
	return messages


def spoil(r, messages):
	"""One fault that data sets have."""
	i = r.randrange(len(messages))
	fault = r.randrange(13)
	if fault == 0:
		messages[i].pop("content", None)
	elif fault == 1:
		messages[i]["content"] = None
	elif fault == 2:
		messages.insert(i, {"role": messages[i]["role"], "content": "again"})
	elif fault == 3:
		messages[i]["content"] = [{"type": "text", "text": " part "}, {"type": "image"},
					  {"type": "text", "text": "two"}]
	elif fault == 4:
		messages[i].pop("role", None)
	elif fault == 5:
		messages[i]["role"] = r.choice(["human", "gpt", "developer", "System", "function", 3])
	elif fault == 6:
		messages.append({"role": "system", "content": "late"})
	elif fault == 7:
		messages.append({"role": "tool", "content": "nobody asked"})
	elif fault == 8:
		messages[i]["content"] = r.choice([7, 2.5, True, {"text": "x"}, []])
	elif fault == 9:
		messages[i]["tool_calls"] = r.choice([None, [], [{"name": "ping", "arguments": {}}], "ping"])
	elif fault == 10:
		messages[i] = {"content": "no role", "items": [1], "keys": "k"}
	elif fault == 11:
		messages[i]["content"] = "<|channel|>analysis<|message|>leak"
	else:
		messages.clear()


def contexts(name, count=50):
	r = random.Random("vitalis " + name)
	made = []
	for n in range(count):
		messages = good_messages(r)
		if n % 2:
			spoil(r, messages)
		context = {"messages": messages, "tools": r.choice([None, None, TOOLS, TOOLS[:1], []]),
			   "documents": r.choice([None, [{"title": "water safety", "text": "Boil it for a minute, at least."},
							 {"text": "é è"}]]),
			   "add_generation_prompt": r.choice([True, False]),
			   "bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>"}
		if r.random() < 0.2:
			context["enable_thinking"] = r.choice([True, False])
		if r.random() < 0.15:
			context["builtin_tools"] = ["browser", "code", "python"]
		if r.random() < 0.15:
			context["reasoning_effort"] = "high"
		if r.random() < 0.1:
			context["custom_tools"] = TOOLS[1:]
		if r.random() < 0.1:
			context["tools_first"] = True
		made.append(context)
	return made
