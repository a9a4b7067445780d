package org.embedllm.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.embedllm.ingest.Sources.HEADER;
import static org.embedllm.ingest.Sources.read;
import static org.embedllm.ingest.Sources.write;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.embedllm.source.Grouping;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.SplitOptions;
import org.embedllm.storage.BadInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetDirectoryTest {
  @TempDir Path folder;

  private Dataset sample() {
    Path source = folder.resolve("source");
    write(
        source.resolve("train.csv"),
        "prompt_id,prompt,model,score,category,cost,author\n"
            + "a,\"x\n\"\"y\"\"\",m,1,c,0.5,g\na,\"x\n\"\"y\"\"\",m,0,c,,g\nb,z,n,0.25,,0.1,h\n");
    write(
        source.resolve("test.csv"),
        "prompt_id,prompt,model,score,category,cost,author\nd,z,n,1,c,,i\n");
    return read(
        ImportOptions.DEFAULT.withSplit(
            SplitOptions.DEFAULT.withGrouping(new Grouping.Column("author"))),
        source);
  }

  @Test
  void dataset_writtenAndRead_isTheSame() {
    Dataset dataset = sample();
    Path place = folder.resolve("data");

    DatasetDirectory.write(dataset, place, false);
    Dataset again = DatasetDirectory.read(place);

    assertThat(again.data().digest()).isEqualTo(dataset.data().digest());
    assertThat(again.data().callCosts()).isEqualTo(dataset.data().callCosts());
    assertThat(again.report().conflicts()).isEqualTo(1);
    assertThat(again.report().sharedPrompts()).isEqualTo(1);
    assertThat(again.splitBrought()).isTrue();
    assertThat(again.groups()).isEqualTo(dataset.groups()).containsEntry("a", "g");
    assertThat(again.report().sources()).isEqualTo(dataset.report().sources()).hasSize(2);
    assertThat(again.report().warnings()).isEqualTo(dataset.report().warnings());
    assertThat(again.directory()).contains(place);
  }

  @Test
  void secondImport_whileTheFirstReads_isRefused() {
    Path place = folder.resolve("data");

    DatasetDirectory.write(
        () -> {
          assertThatThrownBy(() -> DatasetDirectory.write(sample(), place, true))
              .isInstanceOf(BadInputException.class)
              .hasMessageContaining("is being written by another embedllm");
          return sample();
        },
        place,
        false);

    assertThat(DatasetDirectory.isDataset(place)).isTrue();
  }

  @Test
  void nameThatIsTooLong_isRefusedBeforeTheReading() {
    assertThatThrownBy(() -> DatasetDirectory.requireFree(folder.resolve("d".repeat(256)), false))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("cannot be written: File name too long");
  }

  @Test
  void sameSources_giveTheSameBytes() throws Exception {
    DatasetDirectory.write(sample(), folder.resolve("one"), false);
    DatasetDirectory.write(sample(), folder.resolve("two"), false);

    for (String name : names(folder.resolve("one"))) {
      assertThat(folder.resolve("two").resolve(name))
          .hasSameBinaryContentAs(folder.resolve("one").resolve(name));
    }
  }

  @Test
  void directory_holdsStandardFilesOnly() throws Exception {
    DatasetDirectory.write(sample(), folder.resolve("data"), false);

    assertThat(names(folder.resolve("data")))
        .containsExactly(
            "dataset.json",
            "models.csv",
            "questions.csv",
            "responses.safetensors",
            "usage.safetensors");
  }

  @Test
  void existingDataset_isReplacedOnlyByForce() {
    Path place = folder.resolve("data");
    DatasetDirectory.write(sample(), place, false);
    Dataset other = read(write(folder.resolve("o.csv"), HEADER + "0,0,0,1,a,m,c\n"));

    assertThatThrownBy(() -> DatasetDirectory.write(other, place, false))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("--force");
    DatasetDirectory.write(other, place, true);

    assertThat(DatasetDirectory.read(place).data().digest()).isEqualTo(other.data().digest());
  }

  @Test
  void replacedDataset_keepsItsVectors() {
    Path place = folder.resolve("data");
    DatasetDirectory.write(sample(), place, false);
    write(place.resolve("vectors").resolve("sub").resolve("e.safetensors"), "vectors");

    DatasetDirectory.write(sample(), place, true);

    assertThat(place.resolve("vectors").resolve("sub").resolve("e.safetensors"))
        .hasContent("vectors");
  }

  @Test
  void directoryThatIsNoDataset_isNeverReplaced() {
    Path precious = write(folder.resolve("home").resolve("thesis.txt"), "words");

    assertThatThrownBy(() -> DatasetDirectory.write(sample(), folder.resolve("home"), true))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("no data set");
    assertThat(precious).hasContent("words");
  }

  @Test
  void targetThatCannotBeMade_isRefusedAndLeavesNothing() throws Exception {
    Path file = write(folder.resolve("file"), "in the way");

    assertThatThrownBy(() -> DatasetDirectory.write(sample(), file.resolve("data"), false))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("cannot be written");
    assertThat(names(folder)).containsExactly("file", "source");
  }

  @Test
  void sources_farLargerThanTheDisk_areRefusedBeforeTheyAreRead() throws Exception {
    Path source = folder.resolve("large.csv");
    try (RandomAccessFile file = new RandomAccessFile(source.toFile(), "rw")) {
      file.setLength(1L << 40); // without a byte on the disk
    }
    long disks = Files.getFileStore(folder).getUsableSpace() >> 40;
    List<Path> sources = Collections.nCopies(200 * ((int) disks + 1), source);
    Path target = folder.resolve("data");
    assertThatThrownBy(() -> DatasetDirectory.requireSpace(target, sources))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("MB free");
    DatasetDirectory.requireSpace(target, List.of(folder.resolve("none.csv")));
  }

  /// A data set that has every file.
  private Path full() {
    Path scores =
        write(
            folder.resolve("full").resolve("scores.csv"),
            """
            prompt_id,model,prompt,category,score,weight,input_tokens,cost,reference,options,output
            1,a,one,c,0.5,2,10,0.001,A,"[""A""]",said
            2,b,two,c,1,1,,,,,
            """);
    Path votes =
        write(
            folder.resolve("full").resolve("votes.csv"),
            "model_a,model_b,winner,prompt\na,b,tie,one\nb,a,model_a,two\n");
    Path place = folder.resolve("data");
    Dataset dataset = read(ImportOptions.DEFAULT.withOutputsKept(true), scores, votes);
    DatasetDirectory.write(dataset, place, false);
    return place;
  }

  private static String firstOutput(Dataset dataset) throws Exception {
    try (AnswerOutputs.Cursor outputs = dataset.outputs().open()) {
      return outputs.text(0);
    }
  }

  @Test
  void everyAlteredByte_isRefusedWithTheFilesName() throws Exception {
    Path place = full();
    Dataset before = DatasetDirectory.read(place);
    assertThat(firstOutput(before)).isEqualTo("said");
    List<String> names = names(place);
    assertThat(names).hasSize(7);
    for (String name : names) {
      Path file = place.resolve(name);
      byte[] bytes = Files.readAllBytes(file);
      for (int at = 0; at < bytes.length; at++) {
        byte right = bytes[at];
        bytes[at] ^= 0x11;
        Files.write(file, bytes);
        bytes[at] = right;
        try {
          Dataset read = DatasetDirectory.read(place);
          firstOutput(read);
          // Spaces between values, or the name of the checksum: the data are the same.
          assertThat(name).isIn("dataset.json", "responses.safetensors");
          assertThat(read.data().digest()).isEqualTo(before.data().digest());
          assertThat(read.data().callCosts()).isEqualTo(before.data().callCosts());
          assertThat(read.report()).isEqualTo(before.report());
        } catch (BadInputException e) {
          assertThat(e).hasMessageContaining(name);
        }
      }
      Files.write(file, bytes);
    }
    assertThat(DatasetDirectory.read(place).data().digest()).isEqualTo(before.data().digest());
  }

  @Test
  void missingOutputs_areRefused() throws Exception {
    Path place = full();
    Files.delete(place.resolve("outputs.jsonl.gz"));
    Dataset dataset = DatasetDirectory.read(place);

    assertThatThrownBy(() -> dataset.outputs().open())
        .hasMessage(place.resolve("outputs.jsonl.gz") + ": does not exist");
  }

  @Test
  void olderDataset_withoutDigestsOfItsFiles_isRead() throws Exception {
    Path place = full();
    Path description = place.resolve("dataset.json");
    String text = Files.readString(description);
    Files.writeString(
        description,
        text.replaceAll("\"(questions|models).csv\" : \"[0-9a-f]+\",?", "")
            .replaceAll(",\\s*\"checksum\" : \"[0-9a-f]+\"", "")
            .replaceAll(",(\\s*})", "$1"));
    assertThat(Files.readString(description)).doesNotContain("models.csv", "checksum");

    assertThat(DatasetDirectory.read(place).data().votes()).hasSize(2);
  }

  @Test
  void missingFile_isNamed() throws Exception {
    Path place = folder.resolve("data");
    DatasetDirectory.write(sample(), place, false);
    Files.delete(place.resolve("models.csv"));

    assertThatThrownBy(() -> DatasetDirectory.read(place))
        .hasMessage(place.resolve("models.csv") + ": does not exist");
  }

  @Test
  void dataset_asASourceWithMore_isMerged() {
    DatasetDirectory.write(sample(), folder.resolve("data"), false);
    Path more = write(folder.resolve("train.csv"), HEADER + "b,0,0,1,z,new,c\n");

    Dataset merged = read(folder.resolve("data"), more);

    assertThat(merged.data().matrix().models()).containsExactly("m", "n", "new");
    assertThat(merged.data().matrix().questionCount()).isEqualTo(3);
    assertThat(merged.splitBrought()).isTrue();
  }

  private static List<String> names(Path directory) throws Exception {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }
}
