"""The tiny vision-language model that tests run in llama.cpp: its pictures, its words, its weights, its files.

    samples   coloured shapes, digits, sentences about a name and an age, each with the answer wanted
    model     the network, in PyTorch, laid out as llama.cpp computes it
    files     the two GGUF files
    train     everything in a row: `python -m scripts.engine.train OUT`

What training needs beyond the project's own environment: torch (a CPU build will do), numpy, pillow, gguf.
"""
