from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.site import Site, visit
from tests.browser.test_pages import PATHS

Scheme = Literal["light", "dark"]

pytestmark = pytest.mark.browser

LEAST_CONTRAST = 4.5
# Every text's colour against the first opaque ground behind it (WCAG 2.2, relative luminance).
FAINT = """() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const known = new Map();
  const paint = (text) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = text; canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const parse = (text) => known.get(text) ?? known.set(text, paint(text)).get(text);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (node) => {
    for (; node; node = node.parentElement) {
      const colour = parse(getComputedStyle(node).backgroundColor);
      if (colour[3] > 0.8) return colour;
    }
    return [255, 255, 255, 1];
  };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !node.checkVisibility()) continue;
    if (['SCRIPT', 'STYLE'].includes(node.tagName) || node.closest('svg')) continue;
    const [x, y] = [light(parse(getComputedStyle(node).color)), light(ground(node))];
    const ratio = (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
    if (ratio < LEAST) faint.push(walker.currentNode.textContent + ' ' + ratio.toFixed(2));
  }
  return faint;
}""".replace("LEAST", str(LEAST_CONTRAST))


def ground(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def test_the_systems_colours_are_followed(browser: Browser, day_site: Site) -> None:
    grounds = set()
    for scheme in ("light", "dark"):
        with visit(browser, day_site, color_scheme=scheme) as seen:
            seen.go("/")
            grounds.add(ground(seen.page))

    assert len(grounds) == 2


def test_chosen_colours_are_there_before_anything_is_drawn(
    browser: Browser, day_site: Site
) -> None:
    with visit(browser, day_site, color_scheme="light") as seen:
        seen.go("/")
        light = ground(seen.page)
        seen.page.get_by_role("button", name="Dark").click()
        dark = ground(seen.page)
        seen.page.route("**/_dash-component-suites/**", lambda route: route.abort())
        seen.page.goto(f"{seen.url}/models")
        first = ground(seen.page)

    assert dark != light
    assert first == dark


@pytest.fixture(scope="module")
def faint(browser: Browser, day_site: Site) -> dict[Scheme, dict[str, list[str]]]:
    """What is hard to read, by scheme and path: each page is drawn once and changes its colours."""
    found: dict[Scheme, dict[str, list[str]]] = {"light": {}, "dark": {}}
    with visit(browser, day_site) as seen:
        for path in PATHS:
            seen.go(path)
            seen.page.wait_for_timeout(300)
            for scheme, faint in found.items():
                seen.page.emulate_media(color_scheme=scheme)
                seen.page.wait_for_selector(f"html[data-mantine-color-scheme={scheme}]")
                faint[path] = seen.page.evaluate(FAINT)
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read(faint: dict[Scheme, dict[str, list[str]]], scheme: Scheme) -> None:
    assert not any(faint[scheme].values()), faint[scheme]
