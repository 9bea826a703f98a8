"""The few words of IMAP that a client needs to read, flag and delete; one connection at a time."""

import re
import socketserver
import threading
import time


class Mailbox(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, messages):
        super().__init__(("127.0.0.1", 0), Conversation)
        self.messages = dict(enumerate(messages, start=1))
        self.flags = {uid: set() for uid in self.messages}
        self.seconds_per_report = 0.0
        self.thread = threading.Thread(target=self.serve_forever, daemon=True)
        self.thread.start()

    @property
    def url(self):
        return f"imap://robot:geheim%21@127.0.0.1:{self.server_address[1]}/INBOX"

    def stop(self):
        self.shutdown()
        self.server_close()
        self.thread.join()


class Conversation(socketserver.StreamRequestHandler):
    def handle(self):
        self.say("* OK ready")
        for raw in self.rfile:
            tag, _, rest = raw.decode().strip().partition(" ")
            words = rest.split()
            name = words[1].upper() if words[0].upper() == "UID" else words[0].upper()
            getattr(self, f"on_{name.lower()}", lambda _: None)(rest)
            self.say(f"{tag} OK done")
            if name == "LOGOUT":
                return

    def say(self, line):
        self.wfile.write(f"{line}\r\n".encode())

    def on_capability(self, _):
        self.say("* CAPABILITY IMAP4rev1")

    def on_login(self, rest):
        assert rest.split()[1:] == ["robot", '"geheim!"']

    def on_select(self, _):
        self.say(f"* {len(self.server.messages)} EXISTS")

    def on_search(self, _):
        unseen = [str(uid) for uid, flags in self.server.flags.items() if r"\Seen" not in flags]
        self.say(" ".join(["* SEARCH", *unseen]))

    def on_fetch(self, rest):
        time.sleep(self.server.seconds_per_report)
        uid = int(rest.split()[2])
        raw = self.server.messages[uid]
        self.wfile.write(f"* {uid} FETCH (UID {uid} BODY[] {{{len(raw)}}}\r\n".encode())
        self.wfile.write(raw)
        self.say(")")

    def on_store(self, rest):
        uid = int(rest.split()[2])
        self.server.flags[uid] |= set(re.findall(r"\\\w+", rest))
        self.say(f"* {uid} FETCH (FLAGS ())")

    def on_expunge(self, _):
        for uid in [uid for uid, flags in self.server.flags.items() if r"\Deleted" in flags]:
            del self.server.messages[uid], self.server.flags[uid]
