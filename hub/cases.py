"""The use-cases in the composition: one of each, as the settings say, over a store."""

from hub.api.cases import UseCases
from hub.api.stream import Streams
from hub.core.accounts import Accounts
from hub.core.agents import Agents
from hub.core.approvals import Approvals
from hub.core.approvers import Approvers
from hub.core.audit import Audit
from hub.core.blobs import Blobs
from hub.core.channels import Channels
from hub.core.clock import Clock
from hub.core.credentials import Credentials
from hub.core.cursors import Cursors
from hub.core.directory import Directory
from hub.core.events import EventBus
from hub.core.files import Files
from hub.core.gate import Gate
from hub.core.guards import Guards
from hub.core.guests import Guests
from hub.core.history import History
from hub.core.inbox import Inbox
from hub.core.janitor import Janitor
from hub.core.limits import LoginLimits
from hub.core.link_codes import LinkCodes
from hub.core.machines import Machines
from hub.core.markers import Markers
from hub.core.mentions import Mentions
from hub.core.messages import Messages
from hub.core.metadata import Metadata
from hub.core.moderation import Moderation
from hub.core.passwords import Passwords
from hub.core.people import People
from hub.core.pins import Pins
from hub.core.presence import Presence
from hub.core.reactions import Reactions
from hub.core.registration import Registration, RegistrationLimits
from hub.core.reservations import Reservations
from hub.core.search import Search
from hub.core.seats import Seats
from hub.core.secrets import Secrets
from hub.core.signatures import Signatures
from hub.core.signups import Signups
from hub.core.tags import Tags
from hub.core.task_lists import TaskLists
from hub.core.tasks import Tasks
from hub.core.usage import Usages
from hub.guards import guard_rules
from hub.relay.bridges import Bridges
from hub.settings import Settings
from store.ports.store import Store

_FILES = "files"


def use_cases(settings: Settings, clock: Clock, store: Store, bus: EventBus, secret: bytes) -> UseCases:
    """Return one of each; `secret` signs links to files, and makes up the salts of names that nobody has."""
    limits, admin_secret = settings.limits, settings.auth.admin_secret
    directory = Directory(store, bus)
    secrets = Secrets(store, clock, enabled=settings.redaction.enabled)
    channels = Channels(store, clock, directory, secrets)
    gate = Gate(directory, guard_rules(settings))
    messages = Messages(store, clock, directory, channels, gate, secrets)
    approvers, expiry = Approvers(directory, settings.approvals.approvers), settings.approvals.expiry_seconds
    credentials = Credentials(store, clock)
    passwords, logins = _logins(settings)
    most, shortest = settings.files.max_bytes, min(10, settings.irc.task_lease_seconds)
    kept, links = blobs_of(settings), Signatures(secret)
    files = Files(store, clock, directory, channels, kept, links, gate=gate, secrets=secrets, max_bytes=most)
    people = People(store, clock, passwords, logins)
    registration = RegistrationLimits(limits.register_per_ip, limits.register_per_machine, limits.agents_per_machine)

    async def ready() -> bool:
        async with store.read() as unit:
            return await unit.events.head() >= 0

    return UseCases(
        accounts=Accounts(store, clock, credentials, people, passwords, secret, logins),
        agents=Agents(store, clock, secrets),
        approvals=Approvals(store, clock, directory, channels, messages, approvers, expiry, secrets),
        audit=Audit(store),
        bridges=Bridges(store, clock, directory),
        bus=bus,
        channels=channels,
        credentials=credentials,
        cursors=Cursors(store, clock),
        history=History(store, directory),
        markers=Markers(store, clock, directory),
        metadata=Metadata(store, clock, directory, secrets),
        directory=directory,
        files=files,
        guards=Guards(store, clock, directory, channels, bus, gate),
        guests=Guests(store, clock, directory),
        inbox=Inbox(store, clock, directory),
        link_codes=LinkCodes(store, clock),
        machines=Machines(store, clock, admin_secret.get_secret_value() if admin_secret else None),
        mentions=Mentions(store, clock, directory),
        messages=messages,
        moderation=Moderation(store, clock, directory, secrets),
        people=people,
        pins=Pins(store, clock, channels, messages),
        presence=Presence(store, clock, secrets),
        reactions=Reactions(store, clock, directory, messages),
        registration=Registration(store, clock, registration, secrets),
        reservations=Reservations(store, clock, secrets),
        search=Search(store, directory),
        signups=_signups(settings, store, clock, passwords, logins),
        streams=Streams(bus, directory, credentials, Seats(store), limits.streams_per_principal),
        tags=Tags(store, clock, directory),
        task_lists=TaskLists(store, channels),
        tasks=Tasks(store, clock, directory, channels, gate=gate, secrets=secrets, shortest_lease=shortest),
        janitor=Janitor(store, clock, gate),
        usages=Usages(store, clock, directory),
        clock=clock,
        ready=ready,
    )


def _logins(settings: Settings) -> tuple[Passwords, LoginLimits]:
    """Return what logins cost and how many there may be: hardly anything, and any number, where tests are run."""
    if settings.irc.limits == "none":
        return Passwords.cheap(), LoginLimits.none()
    limits = settings.limits
    return Passwords(), LoginLimits(limits.login_per_ip, limits.login_per_name, limits.accounts_per_ip)


def _signups(
    settings: Settings, store: Store, clock: Clock, passwords: Passwords, limits: LoginLimits
) -> Signups | None:
    """Return what makes accounts with an address; None where no mail is sent."""
    if settings.irc.registration != "email":
        return None
    from hub.mail import SmtpMail  # noqa: PLC0415 - for hubs that send mail

    return Signups(store, clock, passwords, SmtpMail(settings.mail), settings.hub.name, limits)


def blobs_of(settings: Settings) -> Blobs:
    """Return where the bytes of files are kept."""
    return Blobs(settings.hub.state_dir / _FILES)
