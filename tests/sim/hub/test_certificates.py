"""Several hubs make certificates in one directory: the good ones are shared, what is wrong on purpose is not."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from roampost_sim.hub.certificates import CertificateShop, Pair


def test_two_shops_at_once_share_one_root(tmp_path: Path) -> None:
    shops = [CertificateShop(tmp_path, owner) for owner in ("one", "two")]
    with ThreadPoolExecutor(2) as threads:
        made: list[Pair] = list(threads.map(lambda shop: shop.server(), shops))
        roots = [path.read_bytes() for path in threads.map(lambda shop: shop.ca_file, shops)]
    assert made[0] == made[1]
    assert roots[0] == roots[1]
    assert made[0].sha256


def test_what_is_wrong_on_purpose_is_ones_own(tmp_path: Path) -> None:
    one, two = (CertificateShop(tmp_path, owner).server(expired=True) for owner in ("one", "two"))
    assert one.certificate != two.certificate
    assert one.sha256 != two.sha256
