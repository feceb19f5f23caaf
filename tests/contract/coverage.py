"""What Myelin says of each of the 166 operations of the client-server API.

The only place where a person writes such a claim. `conformance.py` holds every "works" against what a run of the
contract tests has seen, and writes `docs/conformance.md` from this table.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Standing(StrEnum):
    WORKS = "works"
    IN_PART = "works in part"
    NOT_YET = "not yet"
    REFUSED = "refused on purpose"


@dataclass(frozen=True)
class Claim:
    """How an operation stands; `excused` says why a refusal that the specification names cannot occur here."""

    standing: Standing
    note: str = ""
    excused: Mapping[str, str] = field(default_factory=dict)

    @property
    def serves(self) -> bool:
        return self.standing in (Standing.WORKS, Standing.IN_PART)


def works(**excused: str) -> Claim:
    return Claim(Standing.WORKS, excused=excused)


def in_part(missing: str, **excused: str) -> Claim:
    return Claim(Standing.IN_PART, missing, excused)


def not_yet(note: str = "") -> Claim:
    return Claim(Standing.NOT_YET, note)


def refused(reason: str) -> Claim:
    return Claim(Standing.REFUSED, reason)


NO_BRIDGES = "there are no application services yet"
NO_INVITE_BLOCKING = "nobody can block invitations yet"
NO_FEDERATION = "nobody from another server can be invited yet"
NO_MAIL = "people are known by their employee number, and there is no identity server"
NO_OPEN_REGISTRATION = "accounts come from the hospital, not from e-mail or telephone"
DEPRECATED = "deprecated; `/sync` takes its place"
UNAUTHENTICATED = "deprecated; media are for those who are signed in"
OPEN_PROFILES = "colleagues may know each other's names"

# Refusals that are decided in one place for every operation, or cannot occur anywhere yet.
EVERYWHERE: Mapping[str, str] = {
    "M_LIMIT_EXCEEDED": "decided in one place for all operations; seen at `login`",
    "M_APPSERVICE_LOGIN_UNSUPPORTED": NO_BRIDGES,
    "M_EXCLUSIVE": NO_BRIDGES,
    "M_INVITE_BLOCKED": NO_INVITE_BLOCKING,
}

COVERAGE: Mapping[str, Claim] = {
    # Discovery and capabilities
    "getWellknown": works(S404="the file is always there"),
    "getWellknownSupport": not_yet(),
    "getWellknownPolicy": refused("policy servers moderate rooms across servers"),
    "getVersions": works(),
    "getCapabilities": works(),
    # Login and session
    "getLoginFlows": works(M_UNRECOGNIZED="passwords are accepted here"),
    "login": works(),
    "getTokenOwner": works(M_FORBIDDEN=NO_BRIDGES),
    "logout": works(),
    "logout_all": works(),
    "refresh": works(),
    "generateLoginToken": not_yet(),
    "redirectToSSO": not_yet("single sign-on"),
    "redirectToIdP": not_yet("single sign-on"),
    "getAuthMetadata": not_yet("OAuth 2.0"),
    # Registration and account
    "register": works(),
    "checkUsernameAvailability": works(),
    "registrationTokenValidity": not_yet(),
    "requestTokenToRegisterEmail": refused(NO_OPEN_REGISTRATION),
    "requestTokenToRegisterMSISDN": refused(NO_OPEN_REGISTRATION),
    "changePassword": works(),
    "requestTokenToResetPasswordEmail": refused(NO_MAIL),
    "requestTokenToResetPasswordMSISDN": refused(NO_MAIL),
    "deactivateAccount": works(),
    "getAccount3PIDs": works(),
    "post3PIDs": refused(NO_MAIL),
    "add3PID": refused(NO_MAIL),
    "bind3PID": refused(NO_MAIL),
    "unbind3pidFromAccount": refused(NO_MAIL),
    "delete3pidFromAccount": refused(NO_MAIL),
    "requestTokenTo3PIDEmail": refused(NO_MAIL),
    "requestTokenTo3PIDMSISDN": refused(NO_MAIL),
    # Devices
    "getDevices": works(),
    "getDevice": works(),
    "updateDevice": works(),
    "deleteDevice": works(),
    "deleteDevices": works(),
    # Sync and filters
    "sync": in_part("no presence"),
    "defineFilter": works(),
    "getFilter": works(),
    "initialSync": refused(DEPRECATED),
    "getEvents": refused(DEPRECATED),
    "getOneEvent": refused("deprecated; an event is read in its room"),
    "peekEvents": refused(DEPRECATED),
    "roomInitialSync": refused(DEPRECATED),
    # Room creation and membership
    "createRoom": works(),
    "joinRoom": in_part("local rooms only"),
    "joinRoomById": in_part("local rooms only"),
    "inviteUser": works(M_UNSUPPORTED_ROOM_VERSION=NO_FEDERATION),
    "inviteBy3PID": refused(NO_MAIL),
    "leaveRoom": works(),
    "forgetRoom": works(),
    "kick": works(),
    "ban": works(),
    "unban": works(),
    "knockRoom": in_part("local rooms only"),
    "getJoinedRooms": works(),
    "getMembersByRoom": works(),
    "getJoinedMembersByRoom": works(),
    "upgradeRoom": works(),
    # Events and state
    "sendMessage": works(),
    "redactEvent": works(),
    "setRoomStateWithKey": works(),
    "getRoomStateWithKey": works(),
    "getRoomState": works(),
    "getRoomEvents": works(),
    "getEventContext": works(),
    "getOneRoomEvent": works(),
    "getEventByTimestamp": works(),
    # Relations and threads
    "getRelatingEvents": works(),
    "getRelatingEventsWithRelType": works(),
    "getRelatingEventsWithRelTypeAndEventType": works(),
    "getThreadRoots": works(),
    # Receipts, typing, presence
    "postReceipt": works(),
    "setReadMarker": works(),
    "setTyping": works(),
    "setPresence": in_part("accepted; nobody is told"),
    "getPresence": in_part("always offline", M_FORBIDDEN="nobody is hidden from anybody"),
    # Spaces, directory, preview
    "getSpaceHierarchy": in_part("local rooms only"),
    "getRoomIdByAlias": works(),
    "setRoomAlias": works(),
    "deleteRoomAlias": works(),
    "getLocalAliases": works(),
    "getRoomVisibilityOnDirectory": works(),
    "setRoomVisibilityOnDirectory": works(),
    "getPublicRooms": in_part("local rooms, and only for those who are signed in"),
    "queryPublicRooms": in_part("local rooms only"),
    "getRoomSummary": in_part("local rooms only"),
    "getMutualRooms": works(),
    # Profile and user directory
    "getUserProfile": works(M_FORBIDDEN=OPEN_PROFILES),
    "getProfileField": works(M_FORBIDDEN=OPEN_PROFILES),
    "setProfileField": works(),
    "deleteProfileField": works(M_BAD_JSON="the request has no body"),
    "searchUserDirectory": works(),
    # Account data and tags
    "setAccountData": works(),
    "getAccountData": works(),
    "setAccountDataPerRoom": works(),
    "getAccountDataPerRoom": works(),
    "setRoomTag": works(),
    "deleteRoomTag": works(),
    "getRoomTags": works(),
    # Media
    "uploadContent": works(),
    "getContentAuthed": in_part("local media only", M_TOO_LARGE="what was accepted is served"),
    "getContentOverrideNameAuthed": in_part("local media only", M_TOO_LARGE="what was accepted is served"),
    "getContentThumbnailAuthed": in_part("local pictures only: of videos clients make them"),
    "getConfigAuthed": works(),
    "createContent": works(M_FORBIDDEN="everybody may upload"),
    "uploadContentToMXC": works(),
    "getUrlPreviewAuthed": refused("a hospital's server fetches nothing from the internet"),
    "getConfig": refused(UNAUTHENTICATED),
    "getContent": refused(UNAUTHENTICATED),
    "getContentOverrideName": refused(UNAUTHENTICATED),
    "getContentThumbnail": refused(UNAUTHENTICATED),
    "getUrlPreview": refused("a hospital's server fetches nothing from the internet"),
    # End-to-end encryption
    "uploadKeys": works(),
    "queryKeys": works(),
    "claimKeys": works(),
    "getKeysChanges": works(),
    "uploadCrossSigningKeys": works(),
    "uploadCrossSigningSignatures": works(),
    "sendToDevice": works(),
    "postRoomKeysVersion": works(),
    "getRoomKeysVersionCurrent": works(),
    "getRoomKeysVersion": works(),
    "putRoomKeysVersion": works(),
    "deleteRoomKeysVersion": works(),
    "putRoomKeys": works(),
    "getRoomKeys": works(),
    "deleteRoomKeys": works(),
    "putRoomKeysByRoomId": works(),
    "getRoomKeysByRoomId": works(),
    "deleteRoomKeysByRoomId": works(),
    "putRoomKeyBySessionId": works(),
    "getRoomKeyBySessionId": works(),
    "deleteRoomKeyBySessionId": works(),
    # Push
    "getPushRules": works(),
    "getPushRulesGlobal": works(),
    "getPushRule": works(),
    "setPushRule": works(M_NOT_FOUND="a rule that is not there is made"),
    "deletePushRule": works(),
    "getPushRuleActions": works(),
    "setPushRuleActions": works(),
    "isPushRuleEnabled": works(),
    "setPushRuleEnabled": works(),
    "postPusher": works(),
    "getPushers": works(),
    "getNotifications": works(),
    # Search
    "search": not_yet("most rooms are encrypted; clients search"),
    # Calls
    "getTurnServer": works(),
    "requestOpenIdToken": works(),
    # Reports and administration
    "reportEvent": works(),
    "reportRoom": works(),
    "reportUser": works(),
    "getWhoIs": not_yet(),
    "getAdminLockUser": not_yet(),
    "setAdminLockUser": not_yet(),
    "getAdminSuspendUser": not_yet(),
    "setAdminSuspendUser": not_yet(),
    # Third-party networks, application services
    "getProtocols": works(),
    "getProtocolMetadata": not_yet(NO_BRIDGES),
    "queryLocationByProtocol": not_yet(NO_BRIDGES),
    "queryLocationByAlias": not_yet(NO_BRIDGES),
    "queryUserByProtocol": not_yet(NO_BRIDGES),
    "queryUserByID": not_yet(NO_BRIDGES),
    "pingAppservice": not_yet(NO_BRIDGES),
    "updateAppserviceRoomDirectoryVisibility": not_yet(NO_BRIDGES),
}
