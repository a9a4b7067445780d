package org.embedllm.app.fuzz;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.embedllm.gateway.openai.ApiException;
import org.embedllm.storage.BadInputException;

/// A reader of bytes from outside, and inputs to start from.
public final class FuzzTarget {
  private static final int SHOWN = 4_000; // bytes of an input in an error

  private final String name;
  private final List<byte[]> seeds;
  private final ByteReader reader;
  private final int faulty;

  /// Reads bytes: gives a result, or an error for the user.
  @FunctionalInterface
  public interface ByteReader {
    /// @param folder where a file of the bytes may be written
    void read(Path folder, byte[] bytes) throws IOException;
  }

  /// @param name of its corpus
  public FuzzTarget(String name, ByteReader reader, List<byte[]> seeds) {
    this(name, reader, seeds, 30);
  }

  private FuzzTarget(String name, ByteReader reader, List<byte[]> seeds, int faulty) {
    this.name = name;
    this.reader = reader;
    this.seeds = List.copyOf(seeds);
    this.faulty = faulty;
  }

  /// The same target, whose reader starts a database for each input.
  FuzzTarget slow() {
    return new FuzzTarget(name, reader, seeds, 6);
  }

  /// A target whose inputs to start from are texts.
  public static FuzzTarget ofTexts(String name, ByteReader reader, String... seeds) {
    return new FuzzTarget(
        name,
        reader,
        List.of(seeds).stream().map(seed -> seed.getBytes(StandardCharsets.UTF_8)).toList());
  }

  String name() {
    return name;
  }

  List<byte[]> seeds() {
    return seeds;
  }

  /// How many inputs with random faults the build tries.
  int faulty() {
    return faulty;
  }

  /// Gives the reader some bytes.
  ///
  /// @throws AssertionError where it throws anything else than an error for the user
  void run(Path folder, byte[] bytes) {
    try {
      reader.read(folder, bytes);
    } catch (BadInputException | IOException | ApiException e) {
      if (String.valueOf(e.getMessage()).isBlank()) {
        throw failed("gives an error without a text", bytes, e);
      }
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      throw failed("fails", bytes, e);
    }
  }

  private AssertionError failed(String how, byte[] bytes, Throwable cause) {
    String hex = HexFormat.of().formatHex(bytes, 0, Math.min(bytes.length, SHOWN));
    return new AssertionError("%s %s on the bytes %s".formatted(name, how, hex), cause);
  }

  @Override
  public String toString() {
    return name;
  }
}
