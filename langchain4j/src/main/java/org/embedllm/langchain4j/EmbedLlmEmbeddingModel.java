package org.embedllm.langchain4j;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.output.TokenUsage;
import java.util.ArrayList;
import java.util.List;
import org.embedllm.question.EncodedTexts;
import org.embedllm.question.QuestionEncoder;

/// An encoder of questions as an embedding model. Closing the encoder is the caller's task.
public final class EmbedLlmEmbeddingModel implements EmbeddingModel {
  private final QuestionEncoder encoder;

  public EmbedLlmEmbeddingModel(QuestionEncoder encoder) {
    this.encoder = encoder;
  }

  @Override
  public Response<List<Embedding>> embedAll(List<TextSegment> segments) {
    EncodedTexts texts = encoder.encodeAndCount(segments.stream().map(TextSegment::text).toList());
    List<Embedding> embeddings = new ArrayList<>(segments.size());
    for (int i = 0; i < segments.size(); i++) {
      embeddings.add(Embedding.from(texts.vectors().row(i)));
    }
    int tokens = texts.tokenCounts().stream().mapToInt(Integer::intValue).sum();
    return Response.from(embeddings, new TokenUsage(tokens));
  }

  @Override
  public int dimension() {
    return encoder.identity().dimension();
  }

  @Override
  public String modelName() {
    return encoder.identity().name();
  }
}
