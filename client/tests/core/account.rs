//! Signing in and out on a device that others use too.

use chrono::Duration;
use doseline_client::{
    ask::{ChangePassword, Secret, SignIn, SignOut, SignUp, Start},
    view::StartView,
};
use doseline_shared::api::ErrorCode;

use crate::world::{Phone, World, daily};

fn sign_in(email: &str, keep: bool) -> SignIn {
    SignIn {
        server: None,
        email: email.to_owned(),
        password: Secret("correct horse".to_owned()),
        code: None,
        keep,
    }
}

#[test]
fn unsent_entries_wait_for_their_person_and_nobody_else_sees_them() {
    let world = World::new();
    let mut phone = world.phone_of("ada@example.org");
    phone.add(daily("Metformin", &["08:00"]));
    phone.sync();
    world.server.borrow_mut().offline = true;
    phone.take(&phone.today().next.unwrap());
    let StartView::SignedOut { ask_server: false, .. } = phone.ask(SignOut {}).unwrap() else {
        panic!("signing out works without a network");
    };
    assert_eq!(
        phone.ask(doseline_client::ask::OpenPeople {}).unwrap_err().code,
        ErrorCode::SignedOut
    );

    world.server.borrow_mut().offline = false;
    phone.sign_up("ben@example.org");
    phone.sync();
    assert!(phone.today().empty);
    assert_eq!(phone.today().network.unsent, 0);
    assert_eq!(
        world.server.borrow().events().len(),
        0,
        "nobody sends another person's entries"
    );
    phone.ask(SignOut {}).unwrap();
    phone.restart();

    phone.ask(sign_in("ada@example.org", true)).unwrap();
    assert_eq!(phone.today().name, "ada@example.org");
    phone.sync();
    assert_eq!(world.server.borrow().events().len(), 1);
    assert!(phone.doses()[0].sent);
}

#[test]
fn what_was_recorded_waits_until_ones_own_password_is_chosen() {
    let world = World::new();
    let mut phone = world.phone_of("ada@example.org");
    phone.add(daily("Metformin", &["08:00"]));
    phone.sync();
    let has_first = |phone: &Phone| {
        let StartView::SignedIn { me, .. } = phone.ask(Start {}).unwrap() else {
            panic!("who has a first password is signed in");
        };
        me.first_password
    };
    assert!(!has_first(&phone));
    let StartView::SignedIn { me, .. } = phone.ask(Start {}).unwrap() else {
        panic!("Ada is signed in");
    };
    world.server.borrow_mut().first.insert(me.person);
    phone.take(&phone.today().next.unwrap());
    phone.sync();
    assert!(has_first(&phone), "the backend says so, and the screens know it");
    assert_eq!(phone.today().network.unsent, 1);
    phone.restart();
    assert!(has_first(&phone));

    let (password, new) = (
        Secret("k4m7q-x2w9p-3tbhd".to_owned()),
        Secret("a lamp that sings".to_owned()),
    );
    let code = None;
    phone.ask(ChangePassword { password, code, new }).unwrap();
    assert!(!has_first(&phone));
    phone.sync();
    assert_eq!(phone.today().network.unsent, 0);
    assert_eq!(world.server.borrow().events().len(), 1);
}

#[test]
fn an_access_token_that_has_run_out_is_replaced_and_nobody_notices() {
    let world = World::new();
    let phone = world.phone_of("ada@example.org");
    phone.add(daily("Metformin", &["08:00"]));
    world.server.borrow_mut().tokens_run_out = true;
    phone.sync();
    assert_eq!(phone.today().network.unsent, 0);
    world.pass(Duration::minutes(20));
    phone.take(&phone.today().next.unwrap());
    phone.sync();
    assert_eq!(world.server.borrow().events().len(), 1);
}

#[test]
fn a_session_that_the_backend_has_ended_signs_out_and_keeps_what_was_not_sent() {
    let world = World::new();
    let phone = world.phone_of("ada@example.org");
    phone.add(daily("Metformin", &["08:00"]));
    phone.sync();
    let me = phone.ask(doseline_client::ask::OpenSettings {}).unwrap().me;
    phone.take(&phone.today().next.unwrap());
    world.server.borrow_mut().revoked.insert(me.person);
    assert_eq!(
        phone.ask(doseline_client::ask::SyncNow {}).unwrap_err().code,
        ErrorCode::SignedOut
    );
    assert!(matches!(phone.ask(Start {}).unwrap(), StartView::SignedOut { .. }));

    world.server.borrow_mut().revoked.clear();
    phone.ask(sign_in("ada@example.org", true)).unwrap();
    phone.sync();
    assert_eq!(world.server.borrow().events().len(), 1);
}

#[test]
fn a_sign_in_that_is_not_kept_ends_with_the_program() {
    let world = World::new();
    let mut phone = world.device();
    phone
        .ask(SignUp {
            server: None,
            name: "Ada".to_owned(),
            email: "ada@example.org".to_owned(),
            password: Secret("correct horse".to_owned()),
            as_patient: true,
            keep: false,
        })
        .unwrap();
    phone.add(daily("Metformin", &["08:00"]));
    world.server.borrow_mut().offline = true;
    phone.take(&phone.today().next.unwrap());
    phone.restart();
    assert!(matches!(phone.ask(Start {}).unwrap(), StartView::SignedOut { .. }));
    world.server.borrow_mut().offline = false;
    phone.ask(sign_in("ada@example.org", true)).unwrap();
    phone.sync();
    assert_eq!(world.server.borrow().events().len(), 1);
    phone.restart();
    assert!(matches!(phone.ask(Start {}).unwrap(), StartView::SignedIn { .. }));
}

#[test]
fn a_wrong_password_and_a_taken_address_are_told_apart() {
    let world = World::new();
    let phone = world.device();
    let wrong = phone.ask(sign_in("nobody@example.org", true)).unwrap_err();
    assert_eq!(wrong.code, ErrorCode::WrongCredentials);
    world.phone_of("ada@example.org");
    let taken = SignUp {
        server: None,
        name: "Ada".to_owned(),
        email: "ada@example.org".to_owned(),
        password: Secret("correct horse".to_owned()),
        as_patient: true,
        keep: true,
    };
    assert_eq!(phone.ask(taken).unwrap_err().code, ErrorCode::EmailTaken);
    world.server.borrow_mut().offline = true;
    assert_eq!(
        phone.ask(sign_in("ada@example.org", true)).unwrap_err().code,
        ErrorCode::Offline
    );
}
