"""Stack traces of every language: one record, its type and message, and nothing glued that does not belong."""

# ruff: noqa: E501 - frames are quoted as they are written

from __future__ import annotations

import pytest

from tests.support.cases import convert

TRACES = {
    "java with short frames": (
        "SomeException: foo\n  at bar\nCaused by: org.AnotherException\n  at bar2\n  at bar3",
        "SomeException",
        "foo",
    ),
    "java mail, nested": (
        (
            "java.lang.RuntimeException: javax.mail.SendFailedException: Invalid Addresses;\n"
            "  nested exception is:\n"
            "com.sun.mail.smtp.SMTPAddressFailedException: 550 5.7.1 <x>... Relaying denied\n"
            "\n"
            "\tat com.nethunt.crm.api.server.adminsync.AutomaticEmailFacade.sendWithSmtp(AutomaticEmailFacade.java:236)\n"
            "\tat com.nethunt.x.y(AutomaticEmailFacade.java:23)\n"
            "Caused by: javax.mail.SendFailedException: Invalid Addresses;\n"
            "  nested exception is:\n"
            "com.sun.mail.smtp.SMTPAddressFailedException: 550 5.7.1 <x>... Relaying denied\n"
            "\n"
            "\tat com.sun.mail.smtp.SMTPTransport.rcptTo(SMTPTransport.java:1873)\n"
            "\t... 12 more\n"
            "Caused by: com.sun.mail.smtp.SMTPAddressFailedException: 550 5.7.1 <x>... Relaying denied"
        ),
        "java.lang.RuntimeException",
        None,
    ),
    "node": (
        (
            "ReferenceError: myArray is not defined\n"
            "  at next (/app/node_modules/express/lib/router/index.js:256:14)\n"
            "  at /app/node_modules/express/lib/router/index.js:615:15\n"
            "  at Function.process_params (/app/node_modules/express/lib/router/index.js:330:12)"
        ),
        "ReferenceError",
        "myArray is not defined",
    ),
    "browser": (
        (
            "Error\n"
            "    at bls (<anonymous>:3:9)\n"
            "    at <anonymous>:6:4\n"
            "    at a_function_name        \n"
            "    at Object.InjectedScript._evaluateOn (http://<anonymous>/file.js?foo=bar:875:140)\n"
            "    at Object.InjectedScript.evaluate (<anonymous>)"
        ),
        "Error",
        None,
    ),
    "v8 without an error": (
        (
            "V8 errors stack trace   \n"
            "  eval at Foo.a (eval at Bar.z (myscript.js:10:3))\n"
            "  at new Contructor.Name (native)\n"
            "  at new FunctionName (unknown location)\n"
            "  at Type.functionName [as methodName] (file(copy).js?query='yes':12:9)\n"
            "  at functionName [as methodName] (native)\n"
            "  at Type.main(sample(copy).js:6:4)"
        ),
        None,
        None,
    ),
    "node uncaught with its source": (
        (
            "/app/index.js:3\n"
            '    throw new Error("x");\n'
            "    ^\n"
            "\n"
            "Error: connect ECONNREFUSED 127.0.0.1:1\n"
            "    at Object.<anonymous> (/app/index.js:3:11)\n"
            "    at Module._compile (node:internal/modules/cjs/loader:1105:14) {\n"
            "  code: 'ENOENT',\n"
            "  errno: -2\n"
            "}\n"
            "\n"
            "Node.js v18.0.0"
        ),
        "Error",
        "connect ECONNREFUSED 127.0.0.1:1",
    ),
    "php exception": (
        (
            "exception 'Exception' with message 'no stock' in /srv/shop/stock.php:5\n"
            "Stack trace:\n"
            "#0 /srv/shop/cart.php(9): reserve()\n"
            "#1 /srv/shop/index.php(13): order()\n"
            "#2 {main}"
        ),
        "Exception",
        "no stock",
    ),
    "php fatal error": (
        (
            "PHP Fatal error:  Uncaught exception 'Exception' with message 'message' in /base/data/errors.php:60\n"
            "Stack trace:\n"
            "#0 [internal function]: ErrorEntryGenerator::{closure}()\n"
            "#1 /base/data/home/errors.php(20): call_user_func_array(Object(Closure), Array)\n"
            "#6 {main}\n"
            "  thrown in /base/data/home/apps/errors.php on line 60"
        ),
        "Exception",
        "message",
    ),
    "go panic": (
        (
            "panic: my panic\n"
            "\n"
            "goroutine 4 [running]:\n"
            "panic(0x45cb40, 0x47ad70)\n"
            "\t/usr/local/go/src/runtime/panic.go:542 +0x46c fp=0xc42003f7b8 sp=0xc42003f710 pc=0x422f7c\n"
            "main.main.func1(0xc420024120)\n"
            "\tfoo.go:6 +0x39 fp=0xc42003f7d8 sp=0xc42003f7b8 pc=0x451339\n"
            "runtime.goexit()\n"
            "\t/usr/local/go/src/runtime/asm_amd64.s:2337 +0x1 fp=0xc42003f7e0 sp=0xc42003f7d8 pc=0x44b4d1\n"
            "created by main.main\n"
            "\tfoo.go:5 +0x58\n"
            "\n"
            "goroutine 1 [chan receive]:\n"
            "runtime.gopark(0x4739b8, 0xc420024178, 0x46fcd7, 0xc, 0xc420028e17, 0x3)\n"
            "\t/usr/local/go/src/runtime/proc.go:280 +0x12c fp=0xc420053e30 sp=0xc420053e00 pc=0x42503c"
        ),
        "panic",
        "my panic",
    ),
    "go signal": (
        (
            "panic: runtime error: invalid memory address or nil pointer dereference\n"
            "[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x7fd34f]\n"
            "\n"
            "goroutine 5 [running]:\n"
            "panics.nilPtrDereference()\n"
            "\tpanics/panics.go:33 +0x1f\n"
            "net/http.(*conn).serve.func1(0xc00007eaa0)\n"
            "\t/usr/local/go/src/net/http/server.go:1746 +0xd0\n"
            "created by main.main\n"
            "\tmain.go:20 +0x91\n"
            "exit status 2"
        ),
        "panic",
        "runtime error: invalid memory address or nil pointer dereference",
    ),
    "mono": (
        (
            "System.Collections.Generic.KeyNotFoundException: The given key was not present in the dictionary.\n"
            "  at System.Collections.Generic.Dictionary`2[System.String,System.Collections.Generic.Dictionary`2[System.Int32,System.Double]].get_Item (System.String key) [0x00000] in <filename unknown>:0\n"
            "  at File3.Consolidator_Class.Function5 (System.Collections.Generic.Dictionary`2 names, ...) [0x00000] in /usr/local/google/home/Csharp/another file.csharp:9"
        ),
        "System.Collections.Generic.KeyNotFoundException",
        "The given key was not present in the dictionary.",
    ),
    ".net inner": (
        (
            "System.InvalidOperationException: This is the outer exception ---> System.InvalidOperationException: This is the inner exception\n"
            "  at ExampleApp.NestedExceptionExample.LowestLevelMethod() in c:/ExampleApp/ExampleApp/NestedExceptionExample.cs:line 33\n"
            "  --- End of inner exception stack trace ---\n"
            "  at ExampleApp.NestedExceptionExample.SecondLevelMethod() in c:/ExampleApp/ExampleApp/NestedExceptionExample.cs:line 22"
        ),
        "System.InvalidOperationException",
        "This is the outer exception",
    ),
    ".net aggregate": (
        (
            "Unhandled exception. System.AggregateException: One or more errors occurred. (boom)\n"
            " ---> System.InvalidOperationException: boom\n"
            "   at MyApp.Program.<DoAsync>d__1.MoveNext() in /src/Program.cs:line 12\n"
            "--- End of stack trace from previous location where exception was thrown ---\n"
            "   at System.Runtime.CompilerServices.TaskAwaiter.ThrowForNonSuccess(Task task)\n"
            "   --- End of inner exception stack trace ---\n"
            "   at MyApp.Program.<Main>(String[] args)"
        ),
        "System.AggregateException",
        "One or more errors occurred. (boom)",
    ),
    "rails": (
        (
            "NoMethodError (undefined method `resursivewordload' for #<BooksController:0x007f8dd9a0c738>):\n"
            "  app/controllers/books_controller.rb:69:in `recursivewordload'\n"
            "  app/controllers/books_controller.rb:75:in `loadword'"
        ),
        "NoMethodError",
        "undefined method `resursivewordload' for #<BooksController:0x007f8dd9a0c738>",
    ),
    "rails with gems": (
        (
            'ActionController::RoutingError (No route matches [GET] "/settings"):\n'
            "\n"
            "actionpack (5.1.4) lib/action_dispatch/middleware/debug_exceptions.rb:63:in `call'\n"
            "actionpack (5.1.4) lib/action_dispatch/middleware/show_exceptions.rb:31:in `call'"
        ),
        "ActionController::RoutingError",
        'No route matches [GET] "/settings"',
    ),
    "ruby": (
        (
            "/app/config.ru:6:in `/': divided by 0 (ZeroDivisionError)\n"
            "  from /app/config.ru:6:in `block (2 levels) in <main>'\n"
            "  from /var/lib/gems/3.0.0/gems/rack-3.0.7/lib/rack/builder.rb:310:in `instance_eval'"
        ),
        "ZeroDivisionError",
        "divided by 0",
    ),
    "rust backtrace": (
        (
            "thread 'main' panicked at 'index out of bounds: the len is 3 but the index is 99', src/main.rs:4:5\n"
            "stack backtrace:\n"
            "   0: rust_begin_unwind\n"
            "             at /rustc/x/library/std/src/panicking.rs:584:5\n"
            "   1: core::panicking::panic_fmt\n"
            "note: Some details are omitted, run with `RUST_BACKTRACE=full` for a verbose backtrace."
        ),
        "panic",
        "index out of bounds: the len is 3 but the index is 99",
    ),
    "rust new style": (
        (
            "thread 'main' panicked at src/main.rs:4:5:\n"
            "called `Option::unwrap()` on a `None` value\n"
            "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace"
        ),
        "panic",
        "called `Option::unwrap()` on a `None` value",
    ),
    "dart": (
        (
            "Unhandled exception:\n"
            "Instance of 'MyError'\n"
            "#0      printError (file:///tmp/main.dart:15:13)\n"
            "#1      _RawReceivePortImpl._handleMessage (dart:isolate-patch/isolate_patch.dart:151)"
        ),
        None,
        "Instance of 'MyError'",
    ),
    "dart of several lines": (
        (
            "Unhandled exception:\n"
            "NoSuchMethodError: No constructor 'TypeError' declared in class 'TypeError'.\n"
            "\n"
            "\n"
            "Receiver: Instance of '_TypeError'\n"
            "Arguments: [...]\n"
            "#0      NoSuchMethodError._throwNew (dart:core-patch/errors_patch.dart:128)\n"
            "#1      main (file:///tmp/main.dart:20:12)\n"
            "<asynchronous suspension>"
        ),
        "NoSuchMethodError",
        "No constructor 'TypeError' declared in class 'TypeError'.",
    ),
}


@pytest.mark.parametrize("name", TRACES)
def test_a_trace_between_plain_lines_is_one_record_with_type_and_message(name: str) -> None:
    text, kind, message = TRACES[name]
    before, trace, after = convert(f"first line\n{text}\nlast line, plain\n")
    assert (before["message"], trace["message"], after["message"]) == ("first line", text, "last line, plain")
    error = trace["error"]
    assert error.get("type") == kind
    assert message is None or error["message"] == message
    assert error["stack_trace"] == text


@pytest.mark.parametrize("name", TRACES)
def test_a_trace_after_a_head_line_leaves_the_message(name: str) -> None:
    text, kind, _ = TRACES[name]
    (event,) = convert(f"2026-01-01 12:00:00,123 ERROR shop.orders order 7 failed\n{text}\n")
    assert event["message"].startswith("order 7 failed")
    assert event["error"]["stack_trace"]
    if kind is not None:
        assert (event["message"], event["error"]["stack_trace"]) == ("order 7 failed", text)
        assert event["error"]["type"] == kind


@pytest.mark.parametrize("name", TRACES)
def test_the_fingerprint_stays_when_line_numbers_change(name: str) -> None:
    text = TRACES[name][0]
    (first,) = convert(text)
    (second,) = convert(text.replace("12", "17").replace("69", "70"))
    assert first["error"]["id"] == second["error"]["id"]


def test_the_fingerprint_tells_types_and_functions_apart() -> None:
    text = "shop.StockError: negative\n\tat shop.Orders.place(Orders.java:12)"
    texts = [text, text.replace("Stock", "Price"), text.replace("place", "cancel")]
    assert len({convert(t)[0]["error"]["id"] for t in texts}) == 3


@pytest.mark.parametrize(
    "text",
    [
        "meet me\n  at noon (local time)",
        "panicked people\nthread count: 12",
        "total:\n  #1 first\n  #2 second",
        "created by hand\nmain entry",
        "see: note\nnote: nothing",
        "app.rb changed\nbuild ok",
    ],
)
def test_ordinary_lines_are_no_trace(text: str) -> None:
    events = convert(text)
    assert [event["message"] for event in events] == text.split("\n")
    assert all("error" not in event for event in events)


def test_two_traces_one_after_the_other_are_two_records() -> None:
    java = "java.lang.IllegalStateException: a\n\tat a.B.c(B.java:1)\nCaused by: java.io.IOException: b\n\t... 1 more"
    assert [event["message"] for event in convert(f"{java}\n{java}\n")] == [java, java]


@pytest.mark.parametrize("part", ["(", "a.", "#1 x(", "a/", "' ", "at ", ": ", "a:1", "(a) "])
def test_a_frame_line_of_a_megabyte_costs_linear_time(part: str) -> None:
    for begin in ("", "  at ", "#1 ", "\t", "PHP Fatal error:  Uncaught ", "thread 'x' panicked at '"):
        assert convert(f"first\n{begin}{part * (900_000 // len(part))}")
