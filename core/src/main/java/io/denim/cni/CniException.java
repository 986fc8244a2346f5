package io.denim.cni;

import io.denim.model.Json;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A call that fails, as its caller is told. The message says what is wrong, on what, and what is
 * allowed or what to do; it is shown to people by runtimes and in a pod's events.
 */
public final class CniException extends RuntimeException {
  /** Why a call failed: the numbers of the specification, section 5, and of its Go library. */
  public enum Code {
    /** The configuration's {@code cniVersion} is not spoken, or has no such verb. */
    INCOMPATIBLE_VERSION(1),
    /** A key asks for what Denim does not do. */
    UNSUPPORTED_FIELD(2),
    /** The container does not exist; the runtime need not call DEL. */
    UNKNOWN_CONTAINER(3),
    /** A {@code CNI_} variable is missing or wrong. */
    INVALID_ENVIRONMENT(4),
    /** Reading or writing failed. */
    IO_FAILURE(5),
    /** The input is no UTF-8 or no JSON. */
    DECODING_FAILURE(6),
    /** A key is missing or wrong. */
    INVALID_CONFIG(7),
    /** {@code CNI_NETNS} is no network namespace, or the host's own. Of the Go library. */
    INVALID_NAMESPACE(8),
    /** Not now; the same call may succeed later. */
    TRY_AGAIN(11),
    /** STATUS: no ADD would succeed. */
    UNAVAILABLE(50),
    /** STATUS: no ADD would succeed, and attached containers may lack connectivity. */
    LIMITED(51),
    /** CHECK: something is not as it was made. Denim's own. */
    CHECK_FAILED(100),
    /** ADD: this container has this interface already. Denim's own. */
    ALREADY_ATTACHED(101),
    /** ADD: all addresses are in use. Denim's own. */
    EXHAUSTED(102),
    /** A fault of Denim's. Of the Go library. */
    INTERNAL(999);

    private final int number;

    Code(int number) {
      this.number = number;
    }

    /** The number in the error's JSON. */
    public int number() {
      return number;
    }
  }

  private final Code code;
  private final String details;

  /** A failure that the message says all of. */
  public CniException(Code code, String message) {
    this(code, message, "");
  }

  /** A failure with further details, such as the cause or what to do. */
  public CniException(Code code, String message, String details) {
    super(message);
    this.code = code;
    this.details = details;
  }

  /** A failure with further details that another exception led to. */
  public CniException(Code code, String message, String details, Throwable cause) {
    super(message, cause);
    this.code = code;
    this.details = details;
  }

  /** Why. */
  public Code code() {
    return code;
  }

  /** More than the message says; may be empty. */
  public String details() {
    return details;
  }

  /** What the plugin prints on stdout, beside a non-zero exit code. */
  public String json(CniVersion version) {
    ObjectNode error = JsonNodeFactory.instance.objectNode();
    error.put("cniVersion", version.text());
    error.put("code", code.number());
    error.put("msg", getMessage());
    if (!details.isEmpty()) {
      error.put("details", details);
    }
    return Json.mapper().writeValueAsString(error);
  }
}
