package org.embedllm.source.file;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.Sha256;

/// A source file being read: unpacked when gzipped, strict UTF-8, digested on the way, and its
/// failures turned into errors that name it.
public final class SourceFile implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 16;
  private static final long LONG_FILE_BYTES = 8 << 20;
  private static final long PROGRESS_STEP = 1 << 22;

  private final Path path;
  private final long size;
  private final ImportProgress progress;
  private final Counted raw;
  private final InputStream packed;
  private final InputStream content;

  private SourceFile(
      Path path,
      long size,
      ImportProgress progress,
      Counted raw,
      InputStream packed,
      InputStream content) {
    this.path = path;
    this.size = size;
    this.progress = progress;
    this.raw = raw;
    this.packed = packed;
    this.content = content;
  }

  /// Opens a file.
  ///
  /// @throws BadInputException when it is absent, a directory, unreadable, empty, or named `.gz`
  ///   and not gzip
  public static SourceFile open(Path path, ImportProgress progress) {
    requireReadableFile(path);
    try {
      long size = Files.size(path);
      if (size == 0) {
        throw BadInputException.in(path, "is empty");
      }
      return open(path, size, progress);
    } catch (IOException e) {
      throw failed(path, 0, e);
    }
  }

  private static SourceFile open(Path path, long size, ImportProgress progress) throws IOException {
    Counted raw = new Counted(Files.newInputStream(path), path, size, progress);
    InputStream packed =
        new BufferedInputStream(size < LONG_FILE_BYTES ? raw : new ReadAhead(raw), BUFFER_BYTES);
    try {
      packed.mark(2);
      boolean gzip = packed.read() == 0x1f && packed.read() == 0x8b;
      packed.reset();
      if (!gzip && path.toString().endsWith(".gz")) {
        throw BadInputException.in(path, "is named .gz and is not gzip");
      }
      InputStream content = gzip ? new GZIPInputStream(packed, BUFFER_BYTES) : packed;
      return new SourceFile(path, size, progress, raw, packed, content);
    } catch (IOException | BadInputException e) {
      packed.close();
      throw e;
    }
  }

  /// Whether a file is packed with gzip.
  public static boolean isGzip(Path path) {
    try (InputStream in = Files.newInputStream(path)) {
      return in.read() == 0x1f && in.read() == 0x8b;
    } catch (IOException e) {
      throw failed(path, 0, e);
    }
  }

  /// @throws BadInputException when `path` is no file that can be read
  public static void requireReadableFile(Path path) {
    if (Files.isDirectory(path)) {
      throw BadInputException.in(path, "is a directory, not a file");
    }
    if (!Files.exists(path)) {
      throw BadInputException.in(path, "does not exist");
    }
    if (!Files.isReadable(path)) {
      throw BadInputException.in(path, "cannot be read: permission denied");
    }
  }

  public Path path() {
    return path;
  }

  public InputStream bytes() {
    return content;
  }

  /// The text, without a byte order mark; malformed UTF-8 ends it with a
  /// [CharacterCodingException].
  public Reader text() throws IOException {
    return new ByteOrderMarkSkipper(new Utf8Reader(content));
  }

  /// The digest of the whole file; reads it to its end.
  public FileDigest digest() throws IOException {
    // Bytes after the content, such as those behind a gzip stream, belong to the digest too.
    byte[] rest = new byte[BUFFER_BYTES];
    while (packed.read(rest, 0, rest.length) >= 0) {
      // Only the digest reads these bytes.
    }
    progress.reading(path, size, size);
    return new FileDigest(path, size, raw.sha256());
  }

  @Override
  public void close() throws IOException {
    content.close();
  }

  /// The error for a failure to read.
  ///
  /// @param line the line that was being read, or 0 where that is unknown
  public static BadInputException failed(Path path, long line, Throwable failure) {
    Throwable cause = failure;
    for (Throwable c = failure; c != null; c = c.getCause()) {
      if (c instanceof BadInputException known) {
        return known;
      }
      if (c instanceof IOException && !(c instanceof java.io.UTFDataFormatException)) {
        cause = c;
      }
    }
    return switch (cause) {
      case NoSuchFileException e -> BadInputException.in(path, "does not exist", e);
      case AccessDeniedException e ->
          BadInputException.in(path, "cannot be read: permission denied", e);
      case CharacterCodingException e ->
          BadInputException.at(
              path, MalformedText.line(path), "is not valid UTF-8; convert the file to UTF-8");
      case EOFException e ->
          at(path, line, "the gzip stream is truncated: it ends inside the data");
      case ZipException e -> at(path, line, "the gzip stream is damaged: " + e.getMessage());
      default -> at(path, line, "cannot be read: " + cause.getMessage());
    };
  }

  private static BadInputException at(Path path, long line, String problem) {
    return line > 0
        ? BadInputException.at(path, line, problem)
        : BadInputException.in(path, problem);
  }

  /// Counts and digests the bytes read.
  private static final class Counted extends FilterInputStream {
    private final MessageDigest digest = Sha256.newDigest();
    private final Path path;
    private final long size;
    private final ImportProgress progress;
    private long count;
    private long nextReport = PROGRESS_STEP;

    Counted(InputStream in, Path path, long size, ImportProgress progress) {
      super(in);
      this.path = path;
      this.size = size;
      this.progress = progress;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int got = super.read(into, offset, length);
      if (got > 0) {
        digest.update(into, offset, got);
        count += got;
        if (count >= nextReport) {
          nextReport = count + PROGRESS_STEP;
          progress.reading(path, count, size);
        }
      }
      return got;
    }

    @Override
    public boolean markSupported() {
      return false;
    }

    String sha256() {
      return Sha256.hex(digest.digest());
    }
  }

  private static final class ByteOrderMarkSkipper extends java.io.FilterReader {
    private boolean atStart = true;

    ByteOrderMarkSkipper(Reader in) {
      super(in);
    }

    /// Leaves closing to the source file, which still has the rest of the bytes to digest.
    @Override
    public void close() {}

    @Override
    public int read(char[] into, int offset, int length) throws IOException {
      int got = super.read(into, offset, length);
      if (atStart && got > 0) {
        atStart = false;
        if (into[offset] == '\uFEFF') {
          if (got == 1) {
            return super.read(into, offset, length);
          }
          System.arraycopy(into, offset + 1, into, offset, got - 1);
          return got - 1;
        }
      }
      return got;
    }
  }
}
