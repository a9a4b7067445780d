package org.embedllm.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.embedllm.correctness.Question;
import org.embedllm.onnx.EncoderSettings;
import org.embedllm.onnx.Encoders;
import org.embedllm.question.PromptVariant;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.question.QuestionVectors;
import org.embedllm.question.TextFeatureVectors;
import org.embedllm.question.VectorStore;

/// Questions in one form.
///
/// @param questions with their attributes
/// @param sentence vectors of the sentence encoder
/// @param text the same with text features
record AskedQuestions(List<Question> questions, QuestionVectors sentence, QuestionVectors text) {
  static AskedQuestions of(List<Question> questions, QuestionVectors sentence) {
    return new AskedQuestions(questions, sentence, TextFeatureVectors.append(sentence, questions));
  }

  AskedQuestions select(int[] which) {
    List<Question> chosen = new ArrayList<>();
    for (int j : which) {
      chosen.add(questions.get(j));
    }
    return new AskedQuestions(chosen, sentence.select(which), text.select(which));
  }

  /// Where vectors of questions in other forms are kept. Those that are missing are encoded.
  ///
  /// @param encoder name of the sentence encoder
  record Variants(VectorStore store, String encoder) {
    /// The questions in every [PromptVariant].
    List<AskedQuestions> of(List<Question> questions) throws IOException {
      List<AskedQuestions> variants = new ArrayList<>();
      try (QuestionEncoder open = Encoders.open(encoder, EncoderSettings.of(System.getenv()))) {
        for (PromptVariant variant : PromptVariant.values()) {
          List<Question> changed =
              questions.stream()
                  .map(q ->
                      new Question(q.id(), variant.of(q.text()), q.benchmark(), q.attributes()))
                  .toList();
          variants.add(of(changed, store.encode(changed, open, progress -> {}).vectors()));
        }
      }
      return variants;
    }

    private static AskedQuestions of(List<Question> questions, QuestionVectors vectors) {
      return AskedQuestions.of(questions, vectors);
    }
  }
}
