package io.denim.store.kubernetes;

/** How an object is changed, with the method and content type that say so. */
public enum Verb {
  /** A new object, sent to its list. */
  CREATE("create", "POST", "application/json"),
  /** All of an object; the version in it must be the present one. */
  REPLACE("update", "PUT", "application/json"),
  /** Some fields, by the rules of a strategic merge. */
  MERGE("patch", "PATCH", "application/strategic-merge-patch+json"),
  /** Away with it; the body may demand a version. */
  DELETE("delete", "DELETE", "application/json");

  private final String word;
  private final String method;
  private final String contentType;

  Verb(String word, String method, String contentType) {
    this.word = word;
    this.method = method;
    this.contentType = contentType;
  }

  /** As RBAC calls it. */
  String word() {
    return word;
  }

  /** HTTP's. */
  String method() {
    return method;
  }

  /** What the body is. */
  String contentType() {
    return contentType;
  }
}
