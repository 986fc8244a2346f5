package io.denim.store.kubernetes;

import io.denim.model.Json;
import io.denim.store.UnavailableException;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.zip.GZIPInputStream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * The requests to one API server. All of them block, may be made by any thread, end after a
 * deadline, and throw {@link UnavailableException} when the server cannot be asked, refuses who
 * asks, or answers what nobody can use.
 */
public final class KubernetesApi implements AutoCloseable {
  /** How many objects the server sends at once. */
  private static final int PAGE = 500;

  /** How often a list is begun anew whose continuation ran out. */
  private static final int LIST_ATTEMPTS = 3;

  private static final int OK = 200;
  private static final int MULTIPLE_CHOICES = 300;

  /** How much is unpacked at once, in bytes. */
  private static final int UNPACKED = 16 << 10;

  /** Beyond what an API server says about a failure. */
  private static final int LARGEST_REFUSAL = 64 << 10;

  private final Connections connections;
  private final Limits limits;

  KubernetesApi(KubernetesAccess access, Limits limits) {
    this.connections = new Connections(access, limits);
    this.limits = limits;
  }

  /** A client that asks nothing yet. */
  public static KubernetesApi of(KubernetesAccess access) {
    return new KubernetesApi(access, Limits.USUAL);
  }

  /**
   * An answer whose body is being read.
   *
   * @param body what was sent, unpacked
   * @param raw as it comes
   */
  record Answer(int code, InputStream body, BodyStream raw, Connections.Use use)
      implements AutoCloseable {
    boolean ok() {
      return code >= OK && code < MULTIPLE_CHOICES;
    }

    @Override
    public void close() {
      raw.close();
      use.close();
    }
  }

  /** The object at a path; empty when there is none. */
  public <T extends ObjectReader.Versioned> Optional<T> get(String path, ObjectReader<T> reader) {
    String attempted = "get " + path;
    try (Answer answer =
        ask(attempted, "GET", path, ObjectList.Form.WHOLE.single(), "", "", limits.answer())) {
      if (answer.ok()) {
        return Optional.of(read(attempted, answer, reader));
      }
      Refusal refusal = refusal(attempted, answer);
      if (refusal.code() == Refusal.NOT_FOUND) {
        return Optional.empty();
      }
      throw refused(attempted, refusal, answer);
    }
  }

  /** Changes an object; {@code reader} reads what it became. */
  public <T extends ObjectReader.Versioned> Reply<T> change(
      Verb verb, String path, String body, ObjectReader<T> reader) {
    String attempted = verb.word() + " " + path;
    try (Answer answer =
        ask(
            attempted,
            verb.method(),
            path,
            ObjectList.Form.WHOLE.single(),
            verb.contentType(),
            body,
            limits.answer())) {
      if (answer.ok()) {
        return new Reply.Done<>(read(attempted, answer, reader));
      }
      Refusal refusal = refusal(attempted, answer);
      return switch (refusal.code()) {
        case Refusal.NOT_FOUND -> new Reply.Missing<>(refusal.message());
        case Refusal.CONFLICT -> new Reply.Conflict<>(refusal.message());
        default -> throw refused(attempted, refusal, answer);
      };
    }
  }

  /**
   * Hands every object of a list to {@code sink}, as they are at one instant. When it throws, none
   * was handed over.
   *
   * @return the list's resourceVersion, from which a watch misses nothing
   */
  public <T extends ObjectReader.Versioned> String list(
      ObjectList list, ObjectReader<T> reader, Consumer<T> sink) {
    for (int attempt = 1; ; attempt++) {
      // What a list had that was begun anew may be gone, and no watch would tell of it.
      List<T> objects = new ArrayList<>();
      Optional<String> revision = pages(list, reader, objects::add);
      if (revision.isPresent()) {
        objects.forEach(sink);
        return revision.get();
      }
      if (attempt == LIST_ATTEMPTS) {
        throw new UnavailableException(
            "list "
                + list.path()
                + ": the API server forgot the list while it was read, "
                + LIST_ATTEMPTS
                + " times; it or the way to it is too slow");
      }
    }
  }

  /** Empty when the server forgot how to go on. */
  private <T extends ObjectReader.Versioned> Optional<String> pages(
      ObjectList list, ObjectReader<T> reader, Consumer<T> sink) {
    String more = "";
    while (true) {
      String query =
          "limit=" + PAGE + (more.isEmpty() ? "" : "&continue=" + ObjectList.encode(more));
      Optional<Page> page = page(list, query, reader, sink);
      if (page.isEmpty()) {
        return Optional.empty();
      }
      more = page.get().more;
      if (more.isEmpty()) {
        return Optional.of(page.get().revision);
      }
    }
  }

  /** What a page says of the list. */
  private static final class Page {
    private String revision = "";
    private String more = "";
  }

  private <T extends ObjectReader.Versioned> Optional<Page> page(
      ObjectList list, String query, ObjectReader<T> reader, Consumer<T> sink) {
    String attempted = "list " + list.path();
    try (Answer answer =
        ask(attempted, "GET", list.with(query), list.form().list(), "", "", limits.page())) {
      if (!answer.ok()) {
        Refusal refusal = refusal(attempted, answer);
        if (refusal.code() == Refusal.GONE) {
          return Optional.empty();
        }
        throw refused(attempted, refusal, answer);
      }
      Page page = new Page();
      try (JsonParser parser = Json.mapper().createParser(answer.body())) {
        parser.nextToken();
        JsonFields.each(
            parser,
            (name, value) -> {
              switch (name) {
                case "metadata" -> JsonFields.each(value, (key, text) -> metadata(page, key, text));
                case "items" -> items(value, reader, sink);
                default -> {
                  return false;
                }
              }
              return true;
            });
        toTheEnd(parser, answer);
      } catch (JacksonException e) {
        throw unreadable(attempted, answer, e);
      } catch (IOException e) {
        throw Refusal.unanswered(attempted, answer.use().server(), e);
      }
      return Optional.of(page);
    }
  }

  private static boolean metadata(Page page, String key, JsonParser value) {
    switch (key) {
      case "resourceVersion" -> page.revision = JsonFields.text(value);
      case "continue" -> page.more = JsonFields.text(value);
      default -> {
        return false;
      }
    }
    return true;
  }

  private static <T extends ObjectReader.Versioned> void items(
      JsonParser parser, ObjectReader<T> reader, Consumer<T> sink) {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      parser.skipChildren();
      return;
    }
    while (parser.nextToken() == JsonToken.START_OBJECT) {
      sink.accept(reader.read(parser));
    }
  }

  /** The resourceVersion that a list has now. */
  String revision(ObjectList list) {
    return page(
            new ObjectList(list.path(), list.labelSelector(), ObjectList.Form.METADATA),
            "limit=1",
            KubernetesApi::skip,
            _ -> {})
        .map(page -> page.revision)
        .orElse("");
  }

  private static ObjectReader.Versioned skip(JsonParser parser) {
    parser.skipChildren();
    return () -> "";
  }

  /**
   * Reports what happens to the objects of a list after a resourceVersion, one at a time, on a
   * virtual thread of its own.
   */
  public <T extends ObjectReader.Versioned> ObjectWatch<T> watch(
      ObjectList list,
      String from,
      ObjectReader<T> reader,
      RandomGenerator random,
      Consumer<WatchEvent<T>> events) {
    ObjectWatch<T> watch = new ObjectWatch<>(this, limits, list, from, reader, random, events);
    watch.start();
    return watch;
  }

  /** Begins a watch that the server ends after so many seconds. */
  Answer openWatch(ObjectList list, String from, Duration length) {
    String query =
        "watch=1&allowWatchBookmarks=true&resourceVersion="
            + ObjectList.encode(from)
            + "&timeoutSeconds="
            + length.toSeconds();
    return ask(
        "watch " + list.path(),
        "GET",
        list.with(query),
        list.form().single(),
        "",
        "",
        Duration.ZERO);
  }

  /**
   * One request.
   *
   * @param whole how long the body may take; zero when only its silence counts
   */
  private Answer ask(
      String attempted,
      String method,
      String path,
      String accept,
      String contentType,
      String body,
      Duration whole) {
    Connections.Use use = connections.use();
    BodyStream stream = new BodyStream(limits.silence(), whole);
    boolean answered = false;
    try {
      HttpRequest.Builder request =
          use.http()
              .newHttpRequestBuilder()
              .uri(use.server() + path)
              .timeout(limits.answer().toMillis(), TimeUnit.MILLISECONDS);
      if (!contentType.isEmpty()) {
        request.method(method, contentType, body);
      }
      request
          .header("Accept", accept)
          .header("Accept-Encoding", "gzip")
          .header("User-Agent", "denim");
      use.bearer().ifPresent(token -> request.header("Authorization", "Bearer " + token));
      CompletableFuture<HttpResponse<AsyncBody>> future =
          use.http().consumeBytes(request.build(), stream);
      HttpResponse<AsyncBody> response = await(future);
      stream.begin(response.body());
      InputStream unpacked =
          response.headers("Content-Encoding").contains("gzip")
              ? new GZIPInputStream(stream, UNPACKED)
              : stream;
      answered = true;
      return new Answer(response.code(), unpacked, stream, use);
    } catch (ExecutionException | TimeoutException | IOException e) {
      throw Refusal.unanswered(attempted, use.server(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Refusal.unanswered(attempted, use.server(), e);
    } finally {
      if (!answered) {
        stream.close();
        use.close();
      }
    }
  }

  /** What comes when nobody waits any more is turned away, lest its connection stay open. */
  private HttpResponse<AsyncBody> await(CompletableFuture<HttpResponse<AsyncBody>> future)
      throws ExecutionException, TimeoutException, InterruptedException {
    try {
      return future.get(limits.answer().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | InterruptedException e) {
      var _ = future.thenAccept(late -> late.body().cancel());
      throw e;
    }
  }

  private <T extends ObjectReader.Versioned> T read(
      String attempted, Answer answer, ObjectReader<T> reader) {
    try (JsonParser parser = Json.mapper().createParser(answer.body())) {
      parser.nextToken();
      T object = reader.read(parser);
      toTheEnd(parser, answer);
      return object;
    } catch (JacksonException e) {
      throw unreadable(attempted, answer, e);
    } catch (IOException e) {
      throw Refusal.unanswered(attempted, answer.use().server(), e);
    }
  }

  /** A connection can be used again only when its answer was read to the end. */
  private static void toTheEnd(JsonParser parser, Answer answer) throws IOException {
    while (parser.nextToken() != null) {
      parser.skipChildren();
    }
    answer.raw().transferTo(OutputStream.nullOutputStream());
  }

  Refusal refusal(String attempted, Answer answer) {
    try {
      return Refusal.of(
          answer.code(),
          new String(answer.body().readNBytes(LARGEST_REFUSAL), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw Refusal.unanswered(attempted, answer.use().server(), e);
    }
  }

  UnavailableException refused(String attempted, Refusal refusal, Answer answer) {
    String trouble = connections.trouble();
    return refusal.asUnavailable(
        attempted,
        answer.use().server(),
        connections.where() + (trouble.isEmpty() ? "" : " (" + trouble + ")"));
  }

  /** For a body that broke off or is no JSON. */
  UnavailableException unreadable(String attempted, Answer answer, JacksonException e) {
    return e.getCause() instanceof IOException broken
        ? Refusal.unanswered(attempted, answer.use().server(), broken)
        : new UnavailableException(
            attempted
                + ": what answers at "
                + answer.use().server()
                + " sends no JSON as an API server does: "
                + e.getOriginalMessage());
  }

  /** Ends all requests and watches. */
  @Override
  public void close() {
    connections.close();
  }
}
