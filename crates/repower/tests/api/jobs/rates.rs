use serde_json::json;

use super::found;
use crate::support::App;

/// A server with a job for each combination of day rates.
fn app_with_rates() -> App {
    let app = App::start();
    let company = app.company("vestas");
    for (title, from, to, currency) in [
        ("300-450", Some(300), Some(450), "EUR"),
        ("from 300", Some(300), None, "EUR"),
        ("to 450", None, Some(450), "EUR"),
        ("none", None, None, "EUR"),
        ("dkk 300-450", Some(300), Some(450), "DKK"),
        ("dkk none", None, None, "DKK"),
    ]
    .into_iter()
    .rev()
    {
        let job = json!({
            "title": title, "dayRateFrom": from, "dayRateTo": to, "currency": currency, "status": "OPEN",
        });
        app.post_job(&company, &job);
    }
    app
}

#[test]
fn a_rate_filter_finds_the_jobs_whose_range_overlaps() {
    let app = app_with_rates();
    for (query, titles) in [
        ("dayRateMin=0", &["300-450", "from 300", "to 450"][..]),
        ("dayRateMin=300", &["300-450", "from 300", "to 450"]),
        ("dayRateMin=301", &["300-450", "to 450"]),
        ("dayRateMin=450", &["300-450", "to 450"]),
        ("dayRateMin=451", &[]),
        ("dayRateMax=10000000", &["300-450", "from 300", "to 450"]),
        ("dayRateMax=450", &["300-450", "from 300", "to 450"]),
        ("dayRateMax=449", &["300-450", "from 300"]),
        ("dayRateMax=300", &["300-450", "from 300"]),
        ("dayRateMax=299", &[]),
        ("dayRateMin=350&dayRateMax=400", &["300-450"]),
        ("dayRateMin=300&dayRateMax=300", &["300-450", "from 300"]),
        ("dayRateMin=450&dayRateMax=450", &["300-450", "to 450"]),
        ("dayRateMin=100&dayRateMax=299", &[]),
        ("dayRateMin=451&dayRateMax=900", &[]),
        ("dayRateMin=100.0&dayRateMax=900", &["300-450", "from 300", "to 450"]),
    ] {
        assert_eq!(found(&app, query), titles, "{query}");
    }
}

#[test]
fn a_rate_is_compared_in_its_own_currency_only() {
    let app = app_with_rates();
    for (query, titles) in [
        ("currency=DKK&dayRateMin=300", &["dkk 300-450"][..]),
        ("currency=DKK&dayRateMin=451", &[]),
        ("currency=EUR&dayRateMax=300", &["300-450", "from 300"]),
        ("currency=SEK&dayRateMin=0", &[]),
    ] {
        assert_eq!(found(&app, query), titles, "{query}");
    }
}

#[test]
fn a_currency_alone_finds_jobs_without_a_rate_too() {
    let app = app_with_rates();
    assert_eq!(found(&app, "currency=DKK"), ["dkk 300-450", "dkk none"]);
    assert_eq!(found(&app, "currency=EUR"), ["300-450", "from 300", "to 450", "none"]);
    assert_eq!(found(&app, "currency=SEK"), [""; 0]);
    assert_eq!(found(&app, "").len(), 6);
}
