package org.embedllm.gateway.api;

import io.helidon.common.buffers.DataReader.InsufficientDataAvailableException;
import io.helidon.http.RequestException;
import io.helidon.webserver.http.ServerRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.embedllm.gateway.openai.ApiError;
import org.embedllm.gateway.openai.ApiException;
import org.embedllm.gateway.upstream.CallGuard.ClientGone;

/// Reads requests' bodies within their limit.
final class BodyReader {
  private final ProtocolErrors errors;

  BodyReader(ProtocolErrors errors) {
    this.errors = errors;
  }

  /// The whole body.
  ///
  /// @param most bytes of it
  /// @throws ApiException where it says at once that it is larger
  /// @throws ClientGone where the client has left before its end
  /// @throws Broken where it shows later, or is no body as HTTP has it
  // The stream is not closed: that would read on in a body which is of no use any more.
  @SuppressWarnings("MustBeClosedChecker")
  byte[] read(ServerRequest request, long most) throws ClientGone {
    long length = request.headers().contentLength().orElse(-1);
    if (length > most) {
      throw tooLarge(most);
    }
    if (!request.content().hasEntity()) {
      return new byte[0];
    }
    InputStream in = request.content().inputStream();
    try {
      if (length >= 0) {
        return in.readNBytes((int) length);
      }
      var out = new ByteArrayOutputStream();
      byte[] buffer = new byte[16 << 10];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        out.write(buffer, 0, n);
        if (out.size() > most) {
          throw new Broken(tooLarge(most).error());
        }
      }
      return out.toByteArray();
    } catch (RequestException e) {
      throw new Broken(errors.error(e.status()));
    } catch (InsufficientDataAvailableException e) {
      throw new ClientGone();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A body that cannot be read to its end.
  static final class Broken extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient ApiError error;

    Broken(ApiError error) {
      super(error.message(), null, false, false);
      this.error = error;
    }

    ApiError error() {
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
