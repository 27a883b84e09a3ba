"""BERT in ONNX Runtime, without torch: the files of a model, the graph that is made of them, texts run through it."""
