package org.embedllm.gateway.server;

import io.helidon.common.buffers.DataReader.InsufficientDataAvailableException;
import io.helidon.http.HeaderNames;
import io.helidon.http.RequestException;
import io.helidon.webserver.http.ServerRequest;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.embedllm.gateway.config.Limits;
import org.embedllm.gateway.openai.ApiError;
import org.embedllm.gateway.openai.ApiException;
import org.embedllm.gateway.upstream.CallGuard.ClientGone;

/// Reads requests' bodies within their limit.
public final class BodyReader {
  private final ProtocolErrors errors;

  public BodyReader(ProtocolErrors errors) {
    this.errors = errors;
  }

  /// The whole body, decompressed.
  ///
  /// @param limits of one body and of all
  /// @param reserved what it takes of the bytes of all bodies
  /// @throws ApiException where it says at once that it is larger
  /// @throws ClientGone where the client has left before its end
  /// @throws Broken where it shows later, or is no body as HTTP has it
  // The stream is not closed before its end: that would read on in a body which is of no use.
  @SuppressWarnings("MustBeClosedChecker")
  public byte[] read(ServerRequest request, Limits limits, BodyBudget.Reservation reserved)
      throws ClientGone {
    long most = limits.maxRequestBytes();
    long length = request.headers().contentLength().orElse(-1);
    if (length > most) {
      throw tooLarge(most);
    }
    if (!request.content().hasEntity()) {
      return new byte[0];
    }
    boolean gzip = isGzip(request);
    try {
      InputStream in = request.content().inputStream();
      if (length >= 0 && !gzip) {
        reserve(reserved, length, limits, in);
        byte[] body = in.readNBytes((int) length);
        in.close(); // At its end: the web server need not look for more.
        return body;
      }
      return readAll(gzip ? new GZIPInputStream(in) : in, limits, reserved);
    } catch (RequestException e) {
      throw new Broken(errors.error(e.status()));
    } catch (InsufficientDataAvailableException e) {
      throw new ClientGone();
    } catch (ZipException | EOFException e) {
      throw new Broken(
          ApiException.badRequest("invalid_encoding", "body", "the body is not valid gzip")
              .error());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] readAll(InputStream in, Limits limits, BodyBudget.Reservation reserved)
      throws IOException {
    long most = limits.maxRequestBytes();
    var out = new ByteArrayOutputStream();
    byte[] buffer = new byte[16 << 10];
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      reserve(reserved, n, limits, in);
      out.write(buffer, 0, n);
      if (out.size() > most) {
        throw new Broken(tooLarge(most).error());
      }
    }
    return out.toByteArray();
  }

  /// What cannot be taken in is read all the same, and forgotten: a client that is still sending
  /// would see a broken connection instead of the answer.
  private static void reserve(
      BodyBudget.Reservation reserved, long bytes, Limits limits, InputStream in)
      throws IOException {
    try {
      reserved.take(bytes, limits.maxTotalRequestBytes());
    } catch (ApiException e) {
      reserved.close();
      byte[] buffer = new byte[16 << 10];
      long left = limits.maxRequestBytes();
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        left -= n;
        if (left < 0) {
          throw new Broken(e.error());
        }
      }
      throw e;
    }
  }

  private static boolean isGzip(ServerRequest request) {
    String encoding =
        request
            .headers()
            .first(HeaderNames.CONTENT_ENCODING)
            .map(e -> e.strip().toLowerCase(Locale.ROOT))
            .orElse("identity");
    return switch (encoding) {
      case "identity", "" -> false;
      case "gzip", "x-gzip" -> true;
      default ->
          throw new Broken(
              ApiException.of(
                      415,
                      "invalid_request_error",
                      "unsupported_encoding",
                      "a body is plain or gzip; got content-encoding " + encoding)
                  .error());
    };
  }

  /// A body that cannot be read to its end.
  public static final class Broken extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient ApiError error;

    Broken(ApiError error) {
      super(error.message(), null, false, false);
      this.error = error;
    }

    public ApiError error() {
      return error;
    }
  }

  private static ApiException tooLarge(long most) {
    return ApiException.of(
        413,
        "invalid_request_error",
        "request_too_large",
        "a request has at most %,d bytes".formatted(most));
  }
}
