package org.embedllm.gateway.upstream;

import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.brotli.dec.BrotliInputStream;

/// A request to which the head of an answer has come.
///
/// Its connection goes back to the pool when the body has been read to its end; closed before, the
/// connection is cut, which tells the upstream that the rest is not needed.
final class Exchange implements AutoCloseable {
  private final HttpUriRequestBase request;
  private final ClassicHttpResponse response;

  Exchange(HttpUriRequestBase request, ClassicHttpResponse response) {
    this.request = request;
    this.response = response;
  }

  int status() {
    return response.getCode();
  }

  Optional<String> header(String name) {
    return Optional.ofNullable(response.getFirstHeader(name)).map(Header::getValue);
  }

  /// The body, decompressed; empty where there is none.
  ///
  /// @throws IOException also where it is compressed in a way that was not asked for and is not
  ///   known
  InputStream body() throws IOException {
    HttpEntity entity = response.getEntity();
    return entity == null ? InputStream.nullInputStream() : decoded(entity.getContent());
  }

  private String encoding() {
    return header("content-encoding").orElse("identity").strip().toLowerCase(Locale.ROOT);
  }

  private InputStream decoded(InputStream in) throws IOException {
    return switch (encoding()) {
      case "identity", "" -> in;
      case "gzip", "x-gzip" -> new GZIPInputStream(in);
      case "deflate" -> new InflaterInputStream(in);
      case "br" -> new BrotliInputStream(in);
      default -> throw new IOException("its answer is compressed with " + encoding());
    };
  }

  /// The whole body, decompressed.
  ///
  /// @throws IOException also where it has more bytes
  byte[] bytes(int most) throws IOException {
    HttpEntity entity = response.getEntity();
    if (entity == null) {
      return new byte[0];
    }
    long length = entity.getContentLength();
    if (length > most) {
      throw tooLong(most);
    }
    InputStream raw = entity.getContent();
    InputStream in = decoded(raw);
    boolean plain = encoding().isEmpty() || encoding().equals("identity");
    boolean known = plain && length >= 0;
    byte[] whole = in.readNBytes(known ? (int) length : most + 1);
    if (whole.length > most) {
      throw tooLong(most);
    }
    // Only the end itself, which has to be read, gives the connection back to the pool.
    if (raw.read() >= 0) {
      throw new IOException("its answer has more bytes than it says");
    }
    return whole;
  }

  private static IOException tooLong(int most) {
    return new IOException("its answer has more than %,d bytes".formatted(most));
  }

  @Override
  public void close() {
    request.cancel();
    try {
      response.close();
    } catch (IOException e) {
      // Its connection has been cut.
      return;
    }
  }
}
