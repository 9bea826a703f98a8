"""What no page may do, whatever it shows: fail, complain, break its CSP, or call elsewhere."""

from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response

LOCAL_SCHEMES = ("data", "about", "blob")


class Watch:
    """Collects problems of all pages of a context; an empty list is a clean run."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def over(self, context: BrowserContext, base_url: str) -> None:
        host = urlsplit(base_url).netloc

        def console(message: ConsoleMessage) -> None:
            # The status of a page is judged below; a 404 page is a page like any other.
            loading = message.text.startswith("Failed to load resource")
            if message.type in ("error", "warning") and not loading:
                self.problems.append(f"console: {message.text}")

        def request(request: Request) -> None:
            parts = urlsplit(request.url)
            if parts.netloc != host and parts.scheme not in LOCAL_SCHEMES:
                self.problems.append(f"request to another host: {request.url}")

        def response(response: Response) -> None:
            is_page = response.request.resource_type == "document"
            if response.status >= (500 if is_page else 400):
                self.problems.append(f"{response.status}: {response.url}")

        context.on("console", console)
        context.on("request", request)
        context.on("response", response)
        context.on("weberror", lambda error: self.problems.append(f"script: {error.error}"))
