from flowkit_mockserver.party import Party


def test_a_party_is_named_by_its_key_and_found_again() -> None:
    party = Party.of("guest", 9999)
    assert party.key == "guest/9999"
    assert Party.parse("guest/9999") == party == ("guest", "9999")
