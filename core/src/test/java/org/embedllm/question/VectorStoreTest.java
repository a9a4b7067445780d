package org.embedllm.question;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import org.embedllm.correctness.Question;
import org.embedllm.storage.AtomicDirectory;
import org.embedllm.storage.BadInputException;
import org.embedllm.tensor.FloatMatrix;
import org.embedllm.tensor.Safetensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VectorStoreTest {
  @TempDir private Path folder;

  private static List<Question> questions(int count) {
    List<Question> made = new ArrayList<>();
    for (int j = 0; j < count; j++) {
      // Every seventh text stands twice.
      made.add(new Question("q" + j, "text number " + (j % 7 == 6 ? j - 1 : j), "bench"));
    }
    return made;
  }

  private static void assertVectors(QuestionVectors vectors, List<Question> questions) {
    assertThat(vectors.ids()).isEqualTo(questions.stream().map(Question::id).toList());
    for (int j = 0; j < questions.size(); j++) {
      assertThat(vectors.vectors().row(j))
          .containsExactly(CountingEncoder.vector(questions.get(j).text()));
    }
  }

  @Test
  void questions_withEqualTexts_encodeEachTextOnce() throws IOException {
    CountingEncoder encoder = new CountingEncoder("tiny", "d1");
    List<Question> questions = questions(2000);
    EncodedQuestions encoded =
        VectorStore.ofDataset(folder).encode(questions, encoder, progress -> {});
    assertVectors(encoded.vectors(), questions);
    assertThat(encoder.asked).doesNotHaveDuplicates();
    assertThat(new HashSet<>(encoder.asked))
        .isEqualTo(new HashSet<>(questions.stream().map(Question::text).toList()));
    assertThat(encoded.summary().texts()).isEqualTo(encoder.asked.size());
    assertThat(encoded.summary().encoded()).isEqualTo(encoder.asked.size());
    assertThat(encoded.summary().cut()).isEqualTo(encoder.asked.size());
  }

  @Test
  void questions_reimportedWithOtherIdsAndOrder_encodeNothing() throws IOException {
    List<Question> questions = questions(300);
    VectorStore store = VectorStore.ofDataset(folder);
    store.encode(questions, new CountingEncoder("tiny", "d1"), progress -> {});
    List<Question> again = new ArrayList<>();
    for (Question question : questions) {
      again.add(new Question("other-" + question.id(), question.text(), ""));
    }
    Collections.shuffle(again, new Random(3));
    CountingEncoder idle = new CountingEncoder("tiny", "d1");
    EncodedQuestions encoded = store.encode(again, idle, progress -> {});
    assertVectors(encoded.vectors(), again);
    assertThat(idle.asked).isEmpty();
    assertThat(encoded.summary().reused()).isEqualTo(encoded.summary().texts());
    assertThat(encoded.summary().cut()).isEqualTo(encoded.summary().texts());
    Safetensors file = Safetensors.open(folder.resolve("vectors").resolve("tiny.safetensors"));
    int[] rows = file.ints("question_rows");
    FloatMatrix vectors = file.matrix("vectors");
    for (int j = 0; j < rows.length; j++) {
      assertThat(vectors.row(rows[j])).containsExactly(CountingEncoder.vector(again.get(j).text()));
    }
  }

  @Test
  void encoding_interrupted_goesOnWhereItStopped() throws IOException {
    List<Question> questions = questions(3000);
    VectorStore store = VectorStore.ofDataset(folder);
    CountingEncoder failing = new CountingEncoder("tiny", "d1", 1500);
    assertThatThrownBy(() -> store.encode(questions, failing, progress -> {}))
        .hasMessage("interrupted");
    assertThat(store.find(questions, failing.identity())).isEmpty();
    CountingEncoder second = new CountingEncoder("tiny", "d1");
    EncodedQuestions encoded = store.encode(questions, second, progress -> {});
    assertVectors(encoded.vectors(), questions);
    assertThat(second.asked.size()).isLessThanOrEqualTo(encoded.summary().texts() - 1024);
    assertThat(encoded.summary().reused() + second.asked.size())
        .isEqualTo(encoded.summary().texts());
    assertThat(store.find(questions, second.identity())).isPresent();
    try (var files = Files.list(store.folder())) {
      assertThat(files.map(f -> f.getFileName().toString())).containsExactly("tiny.safetensors");
    }
  }

  @Test
  void file_ofAnInterruptedAndAnUninterruptedRun_hasTheSameBytes(@TempDir Path other)
      throws IOException {
    List<Question> questions = questions(3000);
    CountingEncoder failing = new CountingEncoder("tiny", "d1", 2000);
    VectorStore store = VectorStore.ofDataset(folder);
    assertThatThrownBy(() -> store.encode(questions, failing, progress -> {}))
        .hasMessage("interrupted");
    store.encode(questions, new CountingEncoder("tiny", "d1"), progress -> {});
    VectorStore.ofDataset(other)
        .encode(questions, new CountingEncoder("tiny", "d1"), progress -> {});
    assertThat(folder.resolve("vectors/tiny.safetensors"))
        .hasSameBinaryContentAs(other.resolve("vectors/tiny.safetensors"));
  }

  @Test
  void dataset_isNotReplacedWhileItIsEncoded_andNothingIsLost() throws IOException {
    List<Question> questions = questions(10);
    Path dataset = folder.resolve("data");
    AtomicDirectory.write(dataset, made -> Files.createDirectory(made.resolve("vectors")));
    CountingEncoder encoder = new CountingEncoder("tiny", "d1");
    VectorStore store = VectorStore.ofDataset(dataset);

    store.encode(
        questions,
        encoder,
        progress ->
            assertThatThrownBy(() -> AtomicDirectory.write(dataset, replaced -> {}))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("is being written by another embedllm"));

    assertThat(store.find(questions, encoder.identity())).isPresent();
  }

  @Test
  void dataset_isNotEncodedWhileItIsReplaced() throws IOException {
    CountingEncoder idle = new CountingEncoder("tiny", "d1");
    Path dataset = Files.createDirectory(folder.resolve("data"));
    AtomicDirectory.write(
        dataset,
        replaced ->
            assertThatThrownBy(() ->
                    VectorStore.ofDataset(dataset).encode(questions(10), idle, progress -> {}))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("is being replaced by another embedllm; wait for it"));
    assertThat(idle.asked).isEmpty();
  }

  @Test
  void encoder_ofTheSameNameAndAnotherDigest_isRefused() throws IOException {
    List<Question> questions = questions(10);
    VectorStore store = VectorStore.ofDataset(folder);
    store.encode(questions, new CountingEncoder("tiny", "aaaa"), progress -> {});
    assertThatThrownBy(
            () -> store.encode(questions, new CountingEncoder("tiny", "bbbb"), progress -> {}))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("tiny.safetensors")
        .hasMessageContaining("never mixed");
  }

  @Test
  void encoders_severalInOneDataset_areKeptApart() throws IOException {
    List<Question> questions = questions(10);
    VectorStore store = VectorStore.ofDataset(folder);
    CountingEncoder one = new CountingEncoder("one", "aaaa");
    CountingEncoder two = new CountingEncoder("/models/two words", "bbbbbbbbbbbb");
    store.encode(questions, one, progress -> {});
    store.encode(questions, two, progress -> {});
    assertThat(store.encoders()).containsExactlyInAnyOrder(one.identity(), two.identity());
    assertThat(store.find(questions, two.identity())).isPresent();
    assertThat(folder.resolve("vectors/two-words-bbbbbbbb.safetensors")).isRegularFile();
  }

  @Test
  void cache_sharedByDatasets_encodesATextOnce() throws IOException {
    VectorStore store = VectorStore.ofCache(folder);
    CountingEncoder encoder = new CountingEncoder("tiny", "d1");
    List<Question> all = questions(400);
    for (int round = 0; round < 80; round++) {
      List<Question> few = all.subList(round * 5, round * 5 + 5);
      assertVectors(store.encode(few, encoder, progress -> {}).vectors(), few);
    }
    assertVectors(store.encode(all, encoder, progress -> {}).vectors(), all);
    assertThat(encoder.asked).doesNotHaveDuplicates();
    assertThat(store.encoders()).containsExactly(encoder.identity());
  }

  @Test
  void progress_whileEncoding_countsUpToTheTotal() throws IOException {
    List<EncodingProgress> seen = new ArrayList<>();
    VectorStore.ofDataset(folder)
        .encode(questions(700), new CountingEncoder("tiny", "d1"), seen::add);
    assertThat(seen.getFirst().done()).isZero();
    assertThat(seen.getLast().done()).isEqualTo(seen.getLast().total());
    assertThat(seen).isSortedAccordingTo((x, y) -> Integer.compare(x.done(), y.done()));
    EncodingProgress half = new EncodingProgress(50, 150, 3, Duration.ofSeconds(5));
    assertThat(half.rate()).isEqualTo(10);
  }

  @Test
  void vectors_brought_belongToQuestionsNotToTexts() throws IOException {
    List<Question> questions =
        List.of(new Question("a", "same", ""), new Question("b", "same", ""));
    FloatMatrix rows = FloatMatrix.copyOf(2, 2, new float[] {1, 2, 3, 4});
    EncoderIdentity file = new EncoderIdentity("file:mine.npy", "cccccccccccc", 2, 0);
    VectorStore store = VectorStore.ofDataset(folder);
    assertThat(store.attach(questions, rows, file).vectors()).isEqualTo(rows);
    assertThat(store.find(questions, file).orElseThrow().vectors()).isEqualTo(rows);
    assertThat(store.find(questions.reversed(), file).orElseThrow().vectors().row(0))
        .containsExactly(3, 4);
    assertThat(store.find(List.of(new Question("c", "same", "")), file)).isEmpty();
  }

  @Test
  void vectors_ofAnEncoderThatMoved_areFoundByItsDigest() throws IOException {
    List<Question> questions = questions(10);
    VectorStore store = VectorStore.ofDataset(folder);
    store.encode(questions, new CountingEncoder("/before/model", "d1"), progress -> {});
    CountingEncoder moved = new CountingEncoder("/after/model", "d1");
    assertVectors(store.find(questions, moved.identity()).orElseThrow(), questions);
    store.encode(questions, moved, progress -> {});
    assertThat(moved.asked).isEmpty();
    assertThat(store.encoders()).hasSize(1);
    assertThat(store.find(questions, new CountingEncoder("/after/model", "d2").identity()))
        .isEmpty();
  }

  @Test
  void vector_notFinite_isRefused() {
    QuestionEncoder broken =
        new QuestionEncoder() {
          @Override
          public EncoderIdentity identity() {
            return new EncoderIdentity("broken", "d", 1, 0);
          }

          @Override
          public FloatMatrix encode(List<String> texts) {
            return FloatMatrix.wrap(1, 1, new float[] {Float.NaN});
          }

          @Override
          public int tokenCount(String text) {
            return 0;
          }

          @Override
          public void close() {}
        };
    assertThatThrownBy(() ->
            VectorStore.ofDataset(folder)
                .encode(List.of(new Question("a", "why", "")), broken, progress -> {}))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("NaN");
  }

  @Test
  void file_cutAtAnyByte_isRefused() throws IOException {
    List<Question> questions = questions(3);
    VectorStore store = VectorStore.ofDataset(folder);
    CountingEncoder encoder = new CountingEncoder("tiny", "d1");
    store.encode(questions, encoder, progress -> {});
    Path file = folder.resolve("vectors/tiny.safetensors");
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length += 7) {
      Files.write(file, java.util.Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> store.find(questions, encoder.identity()))
          .isInstanceOf(BadInputException.class);
    }
  }
}
