package org.embedllm.gateway.upstream;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;

/// A request to which the head of an answer has come.
///
/// Its connection goes back to the pool when the body has been read to its end; closed before, the
/// connection is cut, which tells the upstream that nobody wants the rest.
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

  /// The body; empty where there is none.
  InputStream body() throws IOException {
    HttpEntity entity = response.getEntity();
    return entity == null ? InputStream.nullInputStream() : entity.getContent();
  }

  /// The whole body.
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
    InputStream in = entity.getContent();
    byte[] whole = in.readNBytes(length < 0 ? most + 1 : (int) length);
    if (whole.length > most) {
      throw tooLong(most);
    }
    if (length >= 0 && in.read() >= 0) {
      // Only the end itself, which has to be read, gives the connection back to the pool.
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
