import { formatJson, formatText } from "../../src/telemetry/logs/format.ts";
import { quote, redactText, redactUrl, showValue, withoutUser } from "../../src/text/mod.ts";
import { isSecretName } from "../../src/text/redact.ts";
import { assert, assertEquals, assertLess } from "../helpers/assert.ts";

for (
  const [text, shown] of [
    ["ws://user:pa55word@host/path?a=1#b", "ws://host/path?a=1#b"],
    ["ws://pa55word@host/", "ws://host/"],
    ["wss://u:p%40a@[::1]:9/?token=pa55word&x=1", "wss://[::1]:9/?token=***&x=1"],
    ["nats://user:pa55word@a:4222,nats://u:pa55word@b:4222", "nats://a:4222,nats://b:4222"],
    ["http://u:p@ss:pa55word@proxy:3128", "http://proxy:3128"],
    ["/ws?ACCESS_TOKEN=pa55word", "/ws?ACCESS_TOKEN=***"],
    ["/ws?x-amz-signature=pa55word;api.key=pa55word", "/ws?x-amz-signature=***;api.key=***"],
    ["/ws?access%5Ftoken=pa55word", "/ws?access%5Ftoken=***"],
    ["/#id_token=pa55word", "/#id_token=***"],
    ["Authorization: Bearer pa55word", "Authorization: ***"],
    ["got Cookie: sid=pa55word; a=pa55word", "got Cookie: ***"],
    ['{ authorization: "Basic pa55word", a: 1 }', "{ authorization: ***, a: 1 }"],
    [
      "a@b.example, ws://host/@user?keyboard=qwerty",
      "a@b.example, ws://host/@user?keyboard=qwerty",
    ],
    ["Cannot use --set a.b=c: expected x=y", "Cannot use --set a.b=c: expected x=y"],
  ] as const
) {
  Deno.test(`redactText() makes ${shown} of a text with secrets`, () => {
    assertEquals(redactText(text), shown);
  });
}

Deno.test("redactText() takes time that is linear in the text", () => {
  const secret = "authorization";
  for (
    const part of ["://", "@", "?a", "&", "a=", "://a@", secret, `${secret}:`, 'cookie: "', " "]
  ) {
    const text = part.repeat(200_000 / part.length);
    const startMs = performance.now();
    redactText(text);
    assertLess(performance.now() - startMs, 2_000, part);
  }
});

Deno.test("redactUrl() leaves out what may be a password of a text that is no URL", () => {
  for (
    const url of [
      "ws://user:pa55/word@host/",
      "user:pa55word@host:80",
      "ws://u:pa55word@",
      "u:pa55word@h",
    ]
  ) {
    assert(!redactUrl(url).includes("pa55"), redactUrl(url));
  }
  assertEquals(redactUrl("no url"), "no url");
});

Deno.test("withoutUser() keeps the rest of a URL as it is", () => {
  const url = "ws://host/?token=t&a=%20#f";
  assertEquals(withoutUser(new URL(url)), url);
  assertEquals(withoutUser(new URL("ws://u:p@host/?token=t")), "ws://host/?token=t");
});

Deno.test("isSecretName() knows the names of credentials and not every name with such a part", () => {
  for (const name of ["token", "X-Api-Key", "client_secret", "Cookie", "sid", "refresh_token"]) {
    assert(isSecretName(name), name);
  }
  for (const name of ["keyboard", "tokens", "author", "path", "url", "monkey"]) {
    assert(!isSecretName(name), name);
  }
});

const SECRETS = {
  url: new URL("ws://user:pa55word@host/?token=pa55word"),
  text: "nats://user:pa55word@host",
  error: new Error("dial ws://user:pa55word@host", { cause: new Error("Cookie: pa55word") }),
  authorization: "Bearer pa55word",
  nested: { password: "pa55word", list: ["ws://u:pa55word@host"] },
};

for (const format of [formatText, formatJson]) {
  Deno.test(`${format.name}() writes no secret, wherever it stands in a record`, () => {
    const line = format({
      category: ["app"],
      level: "error",
      message: ["Dialing ws://u:pa55word@host: ", SECRETS.text, " ", SECRETS.error, ""],
      rawMessage: "Dialing ws://u:pa55word@host: {text} {error}",
      timestamp: 0,
      properties: SECRETS,
    });
    assert(!line.includes("pa55word"), line);
    assert(line.includes("ws://host"), line);
  });
}

Deno.test("quote() and showValue() show no secret of a URL", () => {
  const url = "ws://user:pa55word@host/?token=pa55word";
  for (const shown of [quote(url), showValue(url), showValue({ url, cookie: "pa55word" })]) {
    assert(!shown.includes("pa55word"), shown);
  }
});
