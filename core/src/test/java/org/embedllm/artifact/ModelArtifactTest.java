package org.embedllm.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.UserCache;
import org.embedllm.storage.VerifiedFiles;
import org.embedllm.tensor.FloatMatrix;
import org.embedllm.tensor.Safetensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ModelArtifactTest {
  private static final FileTime CHANGED = FileTime.fromMillis(1_700_000_000_000L);

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void artifact_writtenAndOpened_isTheSame(boolean kernel) throws IOException {
    ModelArtifact artifact = kernel ? ArtifactSamples.kernel() : ArtifactSamples.linear();
    Path file = folder.resolve("model.safetensors");
    artifact.write(file);
    ModelArtifact read = ModelArtifact.open(file);

    assertThat(read.factorization().models()).isEqualTo(ArtifactSamples.MODELS);
    assertThat(read.factorization().modelVectors())
        .isEqualTo(artifact.factorization().modelVectors());
    assertThat(read.factorization().features()).isEqualTo(artifact.factorization().features());
    assertThat(read.encoder()).isEqualTo(ArtifactSamples.ENCODER);
    assertThat(read.training()).isEqualTo(artifact.training());
    assertThat(read.provenance()).isEqualTo(artifact.provenance());
    assertThat(read.callCosts()).isEqualTo(artifact.callCosts());
    assertThat(read.tensors()).isEqualTo(artifact.tensors());
    assertThat(read.notes()).isEqualTo(artifact.notes());
    FloatMatrix vectors = ArtifactSamples.matrix(5, 3, 20);
    assertThat(read.forecaster().forecast(vectors))
        .isEqualTo(artifact.forecaster().forecast(vectors));
  }

  @Test
  void artifact_writtenTwice_hasTheSameBytes() throws IOException {
    ArtifactSamples.kernel().write(folder.resolve("one"));
    ArtifactSamples.kernel().write(folder.resolve("two"));
    assertThat(folder.resolve("one")).hasSameBinaryContentAs(folder.resolve("two"));
  }

  /// Reads the file by the public description of the format alone.
  @Test
  void layout_readByAnIndependentReader_isThePublishedCheckpoints() throws IOException {
    Path file = folder.resolve("model.safetensors");
    ArtifactSamples.linear().write(file);
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int headerLength = Math.toIntExact(bytes.getLong());
    byte[] header = new byte[headerLength];
    bytes.get(header);
    JsonNode json =
        JsonMapper.builder().build().readTree(new String(header, StandardCharsets.UTF_8));
    assertThat((8 + headerLength) % 8).isZero();

    assertThat(tensor(json, bytes, "P.weight", 3, 2))
        .isEqualTo(ArtifactSamples.matrix(3, 2, 1).toArray());
    assertThat(tensor(json, bytes, "text_proj.weight", 2, 3))
        .isEqualTo(ArtifactSamples.matrix(2, 3, 2).toArray());
    assertThat(tensor(json, bytes, "text_proj.bias", 2))
        .isEqualTo(ArtifactSamples.matrix(1, 2, 3).toArray());
    assertThat(tensor(json, bytes, "classifier.weight", 2, 2))
        .isEqualTo(ArtifactSamples.matrix(2, 2, 4).toArray());
    assertThat(tensor(json, bytes, "classifier.bias", 2))
        .isEqualTo(ArtifactSamples.matrix(1, 2, 5).toArray());
    JsonNode metadata = json.get("__metadata__");
    assertThat(metadata.get("format_version").asString()).isEqualTo("1");
    assertThat(metadata.get("data_digest").asString()).isEqualTo("cd".repeat(32));
    assertThat(metadata.get("seed").asString()).isEqualTo("7");
    assertThat(
            JsonMapper.builder()
                .build()
                .readTree(metadata.get("models").asString())
                .get(1)
                .asString())
        .isEqualTo("beta \"quoted\" π");
    metadata.properties().forEach(entry -> assertThat(entry.getValue().isString()).isTrue());
  }

  private static float[] tensor(JsonNode header, ByteBuffer file, String name, int... shape) {
    JsonNode entry = header.get(name);
    assertThat(entry.get("dtype").asString()).isEqualTo("F32");
    int elements = 1;
    for (int axis = 0; axis < shape.length; axis++) {
      assertThat(entry.get("shape").get(axis).asInt()).isEqualTo(shape[axis]);
      elements *= shape[axis];
    }
    assertThat(entry.get("shape").size()).isEqualTo(shape.length);
    int begin = entry.get("data_offsets").get(0).asInt();
    assertThat(entry.get("data_offsets").get(1).asInt()).isEqualTo(begin + 4 * elements);
    float[] values = new float[elements];
    int dataStart = 8 + Math.toIntExact(file.getLong(0));
    for (int i = 0; i < elements; i++) {
      values[i] = file.getFloat(dataStart + begin + 4 * i);
    }
    return values;
  }

  @Test
  void file_cutAtAnyByte_isRefused() throws IOException {
    Path file = folder.resolve("model.safetensors");
    ArtifactSamples.kernel().write(file);
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length++) {
      Path cut = Files.write(folder.resolve("cut"), Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> ModelArtifact.open(cut))
          .as("cut after %d of %d bytes", length, whole.length)
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("cut");
    }
  }

  @Test
  void file_withAnyByteChanged_isRefused() throws IOException {
    Path file = folder.resolve("model.safetensors");
    ArtifactSamples.kernel().write(file);
    byte[] whole = Files.readAllBytes(file);
    for (int at = 0; at < whole.length; at++) {
      byte[] changed = whole.clone();
      changed[at] ^= (byte) (1 << (at % 8));
      Path flipped = Files.write(folder.resolve("flipped"), changed);
      assertThatThrownBy(() -> ModelArtifact.open(flipped))
          .as("byte %d of %d changed", at, whole.length)
          .isInstanceOf(BadInputException.class);
    }
  }

  private VerifiedFiles verified() {
    return VerifiedFiles.ofUser(Map.of(UserCache.VARIABLE, folder.resolve("cache").toString()));
  }

  /// Gives a file a time that can be set again, and waits until its change is two seconds ago.
  private void settle(Path file) throws IOException, InterruptedException {
    assumeTrue(Files.getFileStore(file).supportsFileAttributeView("posix"));
    Files.setLastModifiedTime(file, CHANGED);
    while (verified().look(file).isEmpty()) {
      Thread.sleep(20);
    }
  }

  /// Changes a byte; its time is the same again.
  private void alter(Path file) throws IOException, InterruptedException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);
    settle(file);
  }

  @Test
  void file_changedAfterItWasVerified_isRefused() throws IOException, InterruptedException {
    Path file = folder.resolve("model.safetensors");
    ArtifactSamples.linear().write(file);
    settle(file);
    ModelArtifact read = ModelArtifact.open(file, verified());
    assertThat(folder.resolve("cache/verified-files")).exists();
    assertThat(ModelArtifact.open(file, verified()).factorization().modelVectors())
        .isEqualTo(read.factorization().modelVectors());

    alter(file);
    assertThatThrownBy(() -> ModelArtifact.open(file, verified()))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("does not match its checksum");
  }

  @Test
  void kernelOfAVerifiedFile_forecastsTheSame() throws IOException, InterruptedException {
    Path file = folder.resolve("model.safetensors");
    ArtifactSamples.kernel().write(file);
    settle(file);
    ModelArtifact read = ModelArtifact.open(file, verified());
    ModelArtifact known = ModelArtifact.open(file, verified());
    FloatMatrix vectors = ArtifactSamples.matrix(5, 3, 8);
    assertThat(known.factorization().forecast(vectors))
        .isEqualTo(read.factorization().forecast(vectors))
        .isEqualTo(ArtifactSamples.kernel().factorization().forecast(vectors));
  }

  @Test
  void questions_changedAfterTheyWereVerified_areRefused()
      throws IOException, InterruptedException {
    Path file = folder.resolve("model.safetensors");
    String digest = ArtifactSamples.questions().write(file);
    ModelArtifact artifact = withQuestions(digest);
    Path texts = TrainingQuestions.folder(file).resolve(digest.substring(0, 16) + "/questions.csv");
    settle(texts);
    assertThat(TrainingQuestions.areBeside(file, artifact, verified())).isTrue();
    assertThat(folder.resolve("cache/verified-files")).exists();
    assertThat(TrainingQuestions.areBeside(file, artifact, verified())).isTrue();

    alter(texts);
    assertThatThrownBy(() -> TrainingQuestions.areBeside(file, artifact, verified()))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("questions.csv");
  }

  @Test
  void file_withMoreBytes_isRefused() throws IOException {
    Path file = folder.resolve("model.safetensors");
    ArtifactSamples.linear().write(file);
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length + 1));
    assertThatThrownBy(() -> ModelArtifact.open(file)).isInstanceOf(BadInputException.class);
  }

  @Test
  void file_ofAnotherVersion_isRefusedByName() throws IOException {
    Path file = folder.resolve("model.safetensors");
    new Safetensors.Writer().metadata("format_version", "2").write(file);
    assertThatThrownBy(() -> ModelArtifact.open(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("format version 2")
        .hasMessageContaining("reads version 1");
  }

  @Test
  void file_thatIsNoModel_isRefused() throws IOException {
    Path file = folder.resolve("other.safetensors");
    new Safetensors.Writer().add("x", ArtifactSamples.matrix(2, 2, 1)).write(file);
    assertThatThrownBy(() -> ModelArtifact.open(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("no model file");
    assertThatThrownBy(() -> ModelArtifact.open(folder.resolve("absent")))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("does not exist");
    assertThatThrownBy(() -> ModelArtifact.open(folder))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("directory");
  }

  @Test
  void encoder_thatDoesNotMatch_isRefused() {
    ModelArtifact artifact = ArtifactSamples.linear();
    artifact.requireEncoder(ArtifactSamples.ENCODER);
    assertThatThrownBy(
            () -> artifact.requireEncoder(new EncoderIdentity("other", "ef".repeat(32), 3, 16)))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("tiny")
        .hasMessageContaining("other");
  }

  @Test
  void further_tensorWithANameOfTheFormat_isRefused() {
    ModelArtifact artifact = ArtifactSamples.linear();
    assertThatThrownBy(() -> artifact.withNote("models", "[]"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> artifact.withTensor("P.weight", ArtifactSamples.matrix(1, 1, 1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void questions_writtenBesideAModel_comeBack() throws IOException {
    Path file = folder.resolve("model.safetensors");
    TrainingQuestions questions = ArtifactSamples.questions();
    ModelArtifact artifact = withQuestions(questions.write(file));
    artifact.write(file);

    TrainingQuestions read = TrainingQuestions.beside(file, ModelArtifact.open(file)).orElseThrow();
    assertThat(read.vectors()).isEqualTo(questions.vectors());
    assertThat(read.matrix().questions()).isEqualTo(questions.matrix().questions());
    assertThat(read.matrix().models()).isEqualTo(ArtifactSamples.MODELS);
    float[] expected = new float[3];
    float[] got = new float[3];
    for (int j = 0; j < 6; j++) {
      questions.matrix().scores(j, expected);
      read.matrix().scores(j, got);
      assertThat(got).isEqualTo(expected);
    }
  }

  @Test
  void questions_thatWereNotWritten_areEmpty() throws IOException {
    Path file = folder.resolve("model.safetensors");
    ArtifactSamples.linear().write(file);
    assertThat(TrainingQuestions.beside(file, ModelArtifact.open(file))).isEmpty();
  }

  @Test
  void questions_ofAnotherModelOrDamaged_areRefused() throws IOException {
    Path file = folder.resolve("model.safetensors");
    String digest = ArtifactSamples.questions().write(file);
    assertThatThrownBy(() -> TrainingQuestions.beside(file, withQuestions("00".repeat(32))))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("has no questions of " + file);
    Path texts = TrainingQuestions.folder(file).resolve(digest.substring(0, 16) + "/questions.csv");
    Files.writeString(texts, Files.readString(texts).replace("exactly", "roughly"));
    assertThatThrownBy(() -> TrainingQuestions.beside(file, withQuestions(digest)))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("questions.csv");
  }

  @Test
  void model_whoseReplacementEndsBetweenQuestionsAndModel_keepsItsOwn() throws IOException {
    Path file = folder.resolve("model.safetensors");
    TrainingQuestions before = ArtifactSamples.questions();
    withQuestions(before.write(file)).write(file);

    String fresh = ArtifactSamples.otherQuestions().write(file); // And then the disk is full.

    assertThat(TrainingQuestions.beside(file, ModelArtifact.open(file)).orElseThrow().vectors())
        .isEqualTo(before.vectors());
    withQuestions(fresh).write(file);
    assertThat(TrainingQuestions.beside(file, ModelArtifact.open(file)).orElseThrow().vectors())
        .isEqualTo(ArtifactSamples.otherQuestions().vectors());
  }

  @Test
  void placeOfQuestionsThatCannotBeWritten_isRefusedBefore() throws IOException {
    Path longest = folder.resolve("m".repeat(250));
    ModelArtifact.requirePlace(longest, false);
    assertThatThrownBy(() -> ModelArtifact.requirePlace(longest, true))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(".questions: cannot be written: File name too long");
    Path file = folder.resolve("model.safetensors");
    ModelArtifact.requirePlace(file, true);
    Files.writeString(TrainingQuestions.folder(file), "in the way");
    assertThatThrownBy(() -> ModelArtifact.requirePlace(file, true))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("model.safetensors.questions: is a file");
  }

  @Test
  void reader_thatOpenedTheModelBefore_findsItsQuestionsAfterTheReplacement() throws IOException {
    Path file = folder.resolve("model.safetensors");
    TrainingQuestions before = ArtifactSamples.questions();
    withQuestions(before.write(file)).write(file);
    ModelArtifact opened = ModelArtifact.open(file);

    withQuestions(ArtifactSamples.otherQuestions().write(file)).write(file);

    assertThat(TrainingQuestions.beside(file, opened).orElseThrow().vectors())
        .isEqualTo(before.vectors());
    withQuestions(ArtifactSamples.otherQuestions().write(file)).write(file);
    try (Stream<Path> kept = Files.list(TrainingQuestions.folder(file))) {
      assertThat(kept).hasSize(1);
    }
  }

  @Test
  void questions_ofAModelBehindALink_areBesideTheFileItself() throws IOException {
    Path file = Files.createDirectories(folder.resolve("real")).resolve("pool-1.safetensors");
    Path link = Files.createSymbolicLink(folder.resolve("current.safetensors"), file);
    TrainingQuestions questions = ArtifactSamples.questions();

    ArtifactSamples.linear().write(link, Optional.of(questions));

    for (Path name : List.of(link, file)) {
      assertThat(TrainingQuestions.beside(name, ModelArtifact.open(name)).orElseThrow().vectors())
          .isEqualTo(questions.vectors());
    }
    assertThat(file).isRegularFile();
    try (Stream<Path> beside = Files.list(folder)) {
      assertThat(beside).containsExactlyInAnyOrder(link, file.getParent());
    }
  }

  @Test
  void questions_asEarlierVersionsWroteThem_areRead() throws IOException {
    Path file = folder.resolve("model.safetensors");
    TrainingQuestions questions = ArtifactSamples.questions();
    String digest = questions.write(file);
    withQuestions(digest).write(file);
    Path own = TrainingQuestions.folder(file).resolve(digest.substring(0, 16));
    for (String name : List.of("questions.csv", "answers.safetensors")) {
      Files.move(own.resolve(name), own.resolveSibling(name));
    }
    Files.delete(own);

    assertThat(TrainingQuestions.beside(file, ModelArtifact.open(file)).orElseThrow().vectors())
        .isEqualTo(questions.vectors());
  }

  private static ModelArtifact withQuestions(String digest) {
    ModelArtifact linear = ArtifactSamples.linear();
    return new ModelArtifact(
        linear.factorization(),
        linear.training(),
        linear.provenance(),
        linear.callCosts(),
        Optional.of(digest),
        Map.of(),
        Map.of());
  }
}
