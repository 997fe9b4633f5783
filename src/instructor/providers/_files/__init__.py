"""Files APIs, one file each: a row of the table that `filing` describes, shared by the dialects of one provider.

openai · anthropic · gemini · mistral
"""
